"""A dead letter is never too large for SQS, and as whole as it can be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headroom.domain.notices import Notice, Reading
from headroom.state.deadletters import LARGEST, message
from tests.builders import T0, notice

HUGE = "\U0001f4de" * LARGEST
MANY = tuple(Reading(T0, 10**9) for _ in range(6_000))


def sent(made: Notice, channel: str = "ops-slack", why: str = "404 no_service") -> dict[str, Any]:
    """What SQS would be given, read."""
    text = message(made.as_json(), channel, why)
    assert len(text.encode()) <= LARGEST
    read: dict[str, Any] = json.loads(text)
    return read


def test_what_fits_is_sent_whole() -> None:
    long = notice(description="x" * 200_000)
    assert sent(long) == {
        "notice": long.as_json(),
        "channel": "ops-slack",
        "reason": "404 no_service",
    }


def test_the_readings_go_first_and_all_else_stays() -> None:
    made = notice(readings=MANY, description="x" * 5_000)
    assert sent(made)["notice"] == made.as_json() | {"readings": []}


@pytest.mark.parametrize("name", ["description", "reason"])
def test_then_long_texts_are_cut_and_names_stay(name: str) -> None:
    runbook = "https://wiki.example.com/" + "r" * 600
    changes: dict[str, Any] = {"runbook": runbook, name: HUGE}
    told = sent(notice(**changes))["notice"]
    assert told[name].startswith("\U0001f4de" * 400)
    assert len(told[name]) == 500
    assert told["runbook"] == runbook


def test_however_much_there_is_of_everything_it_fits_and_says_which_notice_it_was() -> None:
    texts = [name for name, field in notice().as_json().items() if isinstance(field, str)]
    kept = ("id", "incident_id", "kind", "severity", "status", "value_at", "since", "at")
    changes: dict[str, Any] = dict.fromkeys(set(texts) - set(kept), HUGE)
    made = notice(readings=MANY, **changes)
    told = sent(made, HUGE, HUGE)
    assert told["notice"].keys() == made.as_json().keys()
    assert {name: told["notice"][name] for name in kept} == {
        name: made.as_json()[name] for name in kept
    }
    assert told["reason"].startswith("\U0001f4de" * 400)
