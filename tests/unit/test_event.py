"""The event that starts a check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headroom.errors import EventError
from headroom.event import CheckEvent

EVENTS = sorted((Path(__file__).parents[2] / "events").glob("*.json"))
NOON = 1795348800


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.name)
def test_every_event_of_the_repository_starts_a_check(path: Path) -> None:
    assert CheckEvent.parse(json.loads(path.read_text())) > 0


@pytest.mark.parametrize(
    "time",
    ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.750Z", "2026-11-22T13:00:00+01:00"],
)
def test_the_instant_is_whole_seconds_of_utc(time: str) -> None:
    assert CheckEvent.parse({"time": time}) == NOON


def test_other_fields_are_let_be() -> None:
    rule = {"version": "0", "detail-type": "Scheduled Event", "detail": {}}
    assert CheckEvent.parse({**rule, "time": "2026-11-22T12:00:00Z"}) == NOON


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({}, "{}"),
        (None, "None"),
        ([1], "[1]"),
        ({"Records": []}, "Records"),
        ({"time": "<aws.scheduler.scheduled-time>"}, "<aws.scheduler.scheduled-time>"),
        ({"time": "2026-11-22T12:00:00"}, "'2026-11-22T12:00:00'"),
        ({"time": "2026-11-22"}, "'2026-11-22'"),
        ({"time": NOON}, str(NOON)),
        ({"time": str(NOON)}, str(NOON)),
    ],
)
def test_anything_else_is_shown_and_what_was_expected(event: object, shown: str) -> None:
    with pytest.raises(EventError) as error:
        CheckEvent.parse(event)
    assert shown in str(error.value)
    assert '{"time": "2026-11-22T10:05:00Z"}' in str(error.value)


def test_a_huge_event_makes_no_huge_error() -> None:
    with pytest.raises(EventError) as error:
        CheckEvent.parse({"time": "9" * 100_000})
    assert len(str(error.value)) < 500
