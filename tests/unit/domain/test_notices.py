"""A notice can be read back from the JSON that programs and queues are given."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.notices import Kind, Notice, Reading
from headroom.domain.rules import Severity
from headroom.state.deadletters import LARGEST, letter
from tests.builders import T0, notice

INSTANTS = st.integers(0, 4_000_000_000)
COUNTS = st.none() | st.integers(-1, 10**9)
READINGS = st.builds(Reading, time=INSTANTS, value=COUNTS, open=st.booleans())
NOTICES = st.builds(
    Notice,
    kind=st.sampled_from(Kind),
    severity=st.sampled_from(Severity),
    value=COUNTS,
    limit=COUNTS,
    peak=COUNTS,
    threshold=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    since=INSTANTS,
    at=INSTANTS,
    readings=st.lists(READINGS, max_size=4).map(tuple),
    **{
        name: st.text(max_size=20)
        for name in (
            *("id", "incident_id", "project", "rule", "series", "series_name", "region", "reason"),
            *("account_id", "project_id", "client_env", "condition", "summary", "studio_url"),
            *("runbook", "description"),
        )
    },
)


@given(NOTICES)
def test_what_is_written_is_read_back(made: Notice) -> None:
    """As an object, and as the text that went over the wire."""
    assert Notice.from_json(made.as_json()) == made
    sent = json.loads(json.dumps(made.as_json()))
    assert Notice.from_json(sent).as_json() == sent


def test_a_letter_that_was_cut_to_fit_is_still_of_the_same_notice_and_alert() -> None:
    many = tuple(Reading(T0, 10**9) for _ in range(6_000))
    made = notice(readings=many, description="x" * LARGEST, reason="y" * LARGEST)
    read = Notice.from_json(json.loads(letter(made.as_json(), "ops-slack", "404"))["notice"])
    assert (read.id, read.alert_id, read.summary) == (made.id, made.alert_id, made.summary)


def test_what_a_newer_headroom_adds_is_passed_over_and_what_an_older_lacked_has_its_default() -> (
    None
):
    tree = notice().as_json() | {"mood": "good"}
    del tree["client_env"]
    assert Notice.from_json(tree) == notice()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("kind", "shouted"),
        ("severity", None),
        ("at", "yesterday"),
        ("at", 1795428300),
        ("value", "114"),
        ("limit", True),
        ("project", 7),
        ("readings", None),
        ("readings", [{"time": "2026-11-23T10:05:00Z", "value": "many"}]),
        ("readings", ["2026-11-23T10:05:00Z"]),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_the_field(field: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=f"^{field}: "):
        Notice.from_json(notice().as_json() | {field: value})


def test_a_notice_without_what_makes_it_one_is_refused() -> None:
    with pytest.raises(ValueError, match="incident_id"):
        Notice.from_json({"version": 1, "id": "x"})
