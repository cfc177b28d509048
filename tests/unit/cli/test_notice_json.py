"""A notice can be read back from the JSON that programs and queues are given."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.notices import Kind, Notice, Reading
from headroom.domain.reasons import Details
from headroom.domain.rules import Severity
from headroom.state.deadletters import LARGEST, message
from headroom_cli.redrive.notice_json import read_notice
from tests.builders import T0, notice

TEXT = st.text(max_size=20)
INSTANTS = st.integers(0, 4_000_000_000)
COUNTS = st.none() | st.integers(-1, 10**9)
READINGS = st.builds(Reading, time=INSTANTS, value=COUNTS, open=st.booleans())
DETAILS = st.builds(
    Details,
    code=TEXT,
    key=TEXT,
    place=TEXT,
    correlation_id=TEXT,
    until=st.none() | INSTANTS,
)
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
    details=DETAILS,
    readings=st.lists(READINGS, max_size=4).map(tuple),
    **dict.fromkeys(
        (
            *("id", "incident_id", "project", "rule", "series", "series_name", "region", "reason"),
            *("account_id", "project_id", "client_env", "condition", "summary", "studio_url"),
            *("runbook", "description"),
        ),
        TEXT,
    ),
)


def test_half_a_surrogate_pair_stops_no_notice() -> None:
    """Names are whatever the API had; one that no text may hold becomes a question mark."""
    sent = json.loads(json.dumps(notice(series_name="a\ud800b").as_json()))
    assert read_notice(sent).series_name == "a?b"


@given(NOTICES)
def test_what_is_written_is_read_back(made: Notice) -> None:
    """As an object, and as the text that went over the wire."""
    assert read_notice(made.as_json()) == made
    sent = json.loads(json.dumps(made.as_json()))
    assert read_notice(sent).as_json() == sent


def test_a_letter_that_was_cut_to_fit_is_still_of_the_same_notice_and_alert() -> None:
    many = tuple(Reading(T0, 10**9) for _ in range(6_000))
    made = notice(readings=many, description="x" * LARGEST, reason="y" * LARGEST)
    made = replace(made, details=Details(place="z" * LARGEST))
    read = read_notice(json.loads(message(made.as_json(), "ops-slack", "404"))["notice"])
    assert (read.id, read.alert_id, read.summary) == (made.id, made.alert_id, made.summary)


def test_what_a_newer_headroom_adds_is_passed_over_and_what_an_older_lacked_has_its_default() -> (
    None
):
    tree = notice().as_json() | {"mood": "good"}
    del tree["client_env"]
    assert read_notice(tree) == notice()


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
        ("readings", [{"time": "yesterday", "value": 1}]),
        ("details", "401"),
        ("details", {"until": "tomorrow"}),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_the_field(field: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=rf"^{field}\b"):
        read_notice(notice().as_json() | {field: value})


def test_a_notice_without_what_makes_it_one_is_refused() -> None:
    with pytest.raises(ValueError, match="incident_id"):
        read_notice({"version": 1, "id": "x"})
