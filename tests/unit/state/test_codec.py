"""What documents are when they are stored."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.domain.incidents import Incident
from headroom.domain.notices import Notice, Reading
from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.project_state import FORMAT, ProjectState
from headroom.domain.readings import Failure
from headroom.domain.watermark import Watermark
from headroom.errors import StateUnavailable
from headroom.state import codec, items
from tests.builders import T0, document, incident, notice, pending, readings, watermark
from tests.simulation.outside.table import item_size

INSTANTS = st.integers(0, 2**40)


def whole(cls: type, **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Build with every field given, defaults as well."""
    hints = get_type_hints(cls)
    others = {one.name: st.from_type(hints[one.name]) for one in fields(cls)}
    return st.builds(cls, **(others | known))


NAMES = st.text(min_size=1, max_size=8)
SERIES = st.builds(
    lambda values, last, still_open: readings(values, last=last, still_open=still_open),
    st.lists(st.none() | st.integers(0, 999), max_size=13),
    INSTANTS,
    st.integers(0, 2),
)
SCATTERED = st.lists(whole(Reading, time=INSTANTS), max_size=4).map(tuple)
NOTICES = whole(
    Notice,
    readings=SERIES | SCATTERED,
    threshold=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    usual=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
PENDING = whole(
    PendingNotice,
    notice=NOTICES,
    deliveries=st.dictionaries(NAMES, whole(PendingDelivery), min_size=1, max_size=2),
)
# A fetch turns `retry_after` into `until` before a failure is stored.
WAITING = st.dictionaries(NAMES, whole(Failure, retry_after=st.none()), max_size=2)
DOCUMENTS = whole(
    ProjectState,
    waiting=WAITING,
    incidents=st.dictionaries(NAMES, whole(Incident, last=NOTICES), max_size=2),
    outbox=st.dictionaries(NAMES, PENDING, max_size=2),
)


def through_json(made: ProjectState) -> ProjectState:
    tree = json.loads(codec.text(codec.dump(made)))
    return codec.parse(tree, version=made.version, expires_at=made.expires_at)


@settings(deadline=None)
@given(DOCUMENTS)
def test_every_document_comes_back_from_json_as_it_was(made: ProjectState) -> None:
    assert through_json(made) == made


@settings(deadline=None)
@given(DOCUMENTS)
def test_every_document_comes_back_from_its_row_as_it_was(made: ProjectState) -> None:
    assert items.to_document(items.of_document(made, "mark")) == made


@settings(deadline=None)
@given(whole(Watermark))
def test_every_watermark_comes_back_from_its_row_as_it_was(made: Watermark) -> None:
    assert items.to_watermark(items.of_watermark(made)) == made


def test_300_kilobytes_hold_200_incidents_each_with_a_notice_on_its_way() -> None:
    """An hour of readings in each notice, three channels: a storm on every rule of a project."""
    told = [notice(rule=f"rule-{number:03}") for number in range(200)]
    storm = document(
        incidents={one.alert_id: incident(last=one) for one in told},
        outbox={one.id: pending(one, "ops-slack", "on-call", "mail") for one in told},
    )

    assert codec.size(storm) < codec.LIMIT


@pytest.mark.parametrize("count", [1, 40, 400])
def test_the_size_is_that_of_the_row_in_bytes(count: int) -> None:
    """DynamoDB counts names and values in UTF-8, and a few bytes for each map."""
    told = [notice(series_name=f"Ünïted «{number}»", at=number) for number in range(count)]
    made = document(
        outbox={one.id: pending(one, "ops-slack", "on-call") for one in told},
        incidents={one.id: incident(last=one) for one in told},
    )
    row = items.of_document(made, "mark")

    assert abs(codec.size(made) - item_size(row)) < 150 + count * 30


def test_a_document_of_an_older_headroom_is_taken_without_the_newer_fields() -> None:
    found = codec.parse({"project": "p", "watermark": T0}, version=3, expires_at=None)

    assert found == ProjectState(project="p", watermark=T0, version=3)


def test_fields_that_only_a_newer_headroom_knows_are_passed_over() -> None:
    made = document(incidents={"a": incident()}, outbox={notice().id: pending()})
    tree = codec.dump(made) | {"acknowledged": {}}
    tree["incidents"]["a"]["note"] = "new"
    tree["outbox"][notice().id]["notice"]["group"] = "new"

    assert codec.parse(tree, version=0, expires_at=None) == made


def test_a_notice_without_deliveries_is_not_there() -> None:
    settled = codec.dump(document(outbox={notice().id: pending()}))
    settled["outbox"][notice().id]["deliveries"] = {}

    assert codec.parse(settled, version=0, expires_at=None) == document()
    assert codec.dump(document(outbox={"n": PendingNotice(1, notice(), T0)}))["outbox"] == {}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"watermark": "soon"}, "watermark: Input should be a valid integer"),
        ({"watermark": None}, "watermark"),
        ({"project": 7}, "project"),
        ({"incidents": {"a": {}}}, "incidents.a.episode"),
        ({"incidents": []}, "incidents: Input should be an object"),
        ({"outbox": {"n": {"deliveries": {"c": {}}}}}, "outbox.n.seq"),
        ({"outbox": []}, "AttributeError"),
    ],
)
def test_an_invalid_document_is_reported_with_the_place(wrong: codec.Tree, problem: str) -> None:
    with (
        pytest.raises(StateUnavailable, match=f"document of p is invalid .{problem}"),
        codec.understood("document of p"),
    ):
        codec.parse(codec.dump(document()) | wrong, version=0, expires_at=None)


@pytest.mark.parametrize("found", [FORMAT + 1, "2027"])
def test_a_document_of_a_newer_format_is_left_alone_and_no_message_says_to_delete_it(
    found: object,
) -> None:
    newer = codec.dump(document()) | {"format": found, "watermark": {"another": "shape"}}
    with pytest.raises(StateUnavailable) as refused, codec.understood("document of p"):
        codec.parse(newer, version=1, expires_at=None)
    assert "a newer version wrote it. Deploy that version again" in str(refused.value)
    assert "delet" not in str(refused.value)


def test_a_document_without_a_format_is_of_the_first() -> None:
    old = codec.dump(document())
    assert old.pop("format") == FORMAT
    assert codec.parse(old, version=0, expires_at=None) == document()


@pytest.mark.parametrize("found", [FORMAT + 1, "2027"])
def test_a_watermark_of_a_newer_format_is_left_alone(found: object) -> None:
    newer = json.loads(codec.dump_watermark(watermark())) | {"format": found, "window": "another"}
    with pytest.raises(StateUnavailable, match="a newer version wrote it"):
        codec.parse_watermark(json.dumps(newer))


def test_a_watermark_without_a_format_is_of_the_first() -> None:
    old = json.loads(codec.dump_watermark(watermark()))
    assert old.pop("format") == FORMAT
    assert codec.parse_watermark(json.dumps(old)) == watermark()
