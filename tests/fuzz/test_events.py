"""What starts a check: any event has an instant, or is refused with what was expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headroom.domain.windows import iso
from headroom.errors import EventError
from headroom.event import CheckEvent
from tests.fuzz.meter import refusal, timed
from tests.fuzz.texts import near
from tests.fuzz.trees import JUNK, mutated

EVENTS = [
    json.loads(path.read_text())
    for path in sorted((Path(__file__).parents[2] / "events").iterdir())
]
TIMES = near(["2026-11-22T10:05:00Z", "2026-11-22T10:05:00.750+01:00", "20261122T100500Z"])


@given(st.sampled_from(EVENTS).flatmap(mutated) | st.builds(dict, time=TIMES) | JUNK)
@example({"time": "0001-01-01T00:00:00+14:00"})
@example({"time": "9999-12-31T23:59:59-14:00"})
def test_any_event_has_an_instant_or_is_refused(event: object) -> None:
    refused = timed("event", lambda: refusal(lambda: iso(CheckEvent.parse(event)), EventError))
    assert len(str(refused)) < 500


@pytest.mark.parametrize("event", EVENTS)
def test_the_events_of_the_repository_are_good(event: object) -> None:
    assert CheckEvent.parse(event) > 0
