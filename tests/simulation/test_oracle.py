"""The oracle is silent about what is right, and finds what is told wrongly (DESIGN 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.oracle.complaints import complaints
from tests.simulation.oracle.examples import (
    HIGH,
    LATER,
    LOWER,
    RISING,
    SINKING,
    SLOW,
    TO_BOTH,
    blind,
    edited,
    fired,
    refused,
    reminded,
    removed,
    rising,
    whole,
)
from tests.simulation.oracle.handwritten import CALM, NEAR, Script

RIGHT: dict[str, Callable[[], Script]] = {
    "nothing happens": lambda: Script(CALM),
    "it fires on the open window and recovers": whole,
    "it fires on the closed window": lambda: (
        Script().told(21, "fired").told(36, "resolved", duration_seconds=900)
    ),
    "the window after the story's fired while that one was settling": lambda: (
        Script().told(20, "fired", since=20).told(36, "resolved", since=20, duration_seconds=600)
    ),
    "it rises and falls": rising,
    "it goes on with reminders": lambda: (
        Script(HIGH, replace(NEAR, remind=900))
        .told(16, "fired")
        .told(31, "reminder")
        .told(46, "reminder")
    ),
    "it is missed while nobody looked": lambda: Script(skipped=range(15, 45), calm=50).told(
        45, "missed", duration_seconds=900
    ),
    "2 of 3 windows with hysteresis": lambda: (
        Script((20, 20, 20, 75, 20, 75, 61, 59, 59, 20, 20, 20), SLOW)
        .told(31, "fired", since=25)
        .told(46, "resolved", since=25, duration_seconds=900)
    ),
    "what was over before the first look": lambda: Script(
        (80, 80, 20) + (20,) * 9, skipped=range(18)
    ),
    "people hear one missed of what their channel slept through": lambda: (
        Script(calm=50)
        .told(16, "fired", to=())
        .told(36, "resolved", to=(), duration_seconds=900)
        .heard(46, "chat", "missed")
    ),
    "a pager hears nothing of what its channel slept through": lambda: (
        Script((20, 20, 20, 95, 20) + (20,) * 7, calm=50)
        .told(16, "fired", "critical")
        .told(26, "resolved", "critical", duration_seconds=300)
    ),
    "what was given up": lambda: (
        Script()
        .told(16, "fired", to=())
        .given_up(16, "chat")
        .told(36, "resolved", duration_seconds=900)
    ),
    "a key that is refused": lambda: blind("lasting", 10, 20, fired=10, resolved=21),
    "an answer that fails for a while": lambda: blind("passing", 10, 15),
    "and for ten minutes": lambda: blind("passing", 10, 25, fired=20, resolved=26),
    "a configuration that is refused and mended": lambda: refused(fired=11, resolved=31),
    "an edit of another number": lambda: whole(edited()),
    "an edit of its own number": lambda: rising(Script(RISING).edit(3, LATER)),
    "missed by an edited rule": lambda: (
        Script(skipped=range(15, 45), calm=50)
        .edit(3, LATER)
        .told(45, "missed", duration_seconds=900)
    ),
    "edited while nobody can tell who knew": lambda: whole(edited(age=None)),
    "a report of Headroom's own": lambda: Script(CALM).told(5, "fired", rule="overflow"),
    "a rule that is removed while it fires": lambda: removed(reason="rule removed"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_told_right_is_no_complaint(name: str) -> None:
    assert complaints(RIGHT[name]().facts) == []


WRONG: dict[str, tuple[Callable[[], Script], str]] = {
    # the stories of the readings
    "nobody is told": (Script, "nobody was told"),
    "an invention": (lambda: whole(Script(CALM)), "no level holds there"),
    "history": (
        lambda: Script((80, 80, 20) + (20,) * 9, skipped=range(18)).told(
            18, "missed", since=0, duration_seconds=600
        ),
        "no level holds there",
    ),
    "one story twice": (
        lambda: whole().told(40, "missed", since=20, duration_seconds=600),
        "no level holds there",
    ),
    "one story by two windows": (
        lambda: Script().told(16, "fired", since=20).told(20, "fired"),
        "a second time",
    ),
    "a lower bound on the open window": (
        lambda: Script(SINKING, LOWER).told(16, "fired"),
        "but nothing holds at 23 10:10, 0 at most later",
    ),
    "more than the readings say": (
        lambda: Script().told(16, "fired", "critical", to=TO_BOTH),
        "but nothing holds at 23 10:10, 1 at most later",
    ),
    "less than the readings say": (lambda: fired(script=Script(RISING)), "over at"),
    "not the worst": (
        lambda: fired(script=Script((20, 20, 20, *(95,) * 9))),
        "at the end but critical holds",
    ),
    "the end before it ended": (
        lambda: fired().told(31, "resolved", duration_seconds=900),
        "but it held at 23 10:25",
    ),
    "no end": (fired, "last told fired warning"),
    "an end of what goes on": (lambda: whole(Script(HIGH)), "but it held"),
    "hysteresis ignored": (
        lambda: (
            Script((20, 20, 20, 75, 20, 75, 61, 59, 59, 20, 20, 20), SLOW)
            .told(31, "fired", since=25)
            .told(41, "resolved", since=25, duration_seconds=600)
        ),
        "but it held at 23 10:35",
    ),
    "late": (lambda: fired(27).told(36, "resolved", duration_seconds=900), "720 s after"),
    "a late end": (lambda: fired().told(43, "resolved", duration_seconds=900), "780 s after"),
    "missed though somebody looked": (
        lambda: Script().told(36, "missed", duration_seconds=900),
        "after the window that ended it began",
    ),
    "fired though it was over": (
        lambda: Script(calm=50).told(45, "fired").told(46, "resolved", duration_seconds=900),
        "but it was over",
    ),
    "another duration": (lambda: fired().told(36, "resolved", duration_seconds=300), "lasting 300"),
    "a reason of its own": (
        lambda: fired().told(36, "resolved", duration_seconds=900, reason="rule removed"),
        "nobody edited anything",
    ),
    "another threshold": (lambda: Script().told(16, "fired", threshold=71), "threshold 71"),
    "another value": (lambda: Script().told(16, "fired", value=81), "value 81"),
    "another peak": (lambda: Script().told(16, "fired", peak=99), "peak 99"),
    "no reminder": (
        lambda: fired(script=Script(HIGH, replace(NEAR, remind=900))),
        "no reminder since",
    ),
    "another rule": (lambda: Script(CALM).told(16, "fired", rule="far"), "no such rule"),
    # the course of an incident
    "an end alone": (lambda: Script().told(36, "resolved"), "begins with resolved"),
    "fired again": (lambda: fired(fired().ids + 16, fired()), "after fired warning"),
    "told after its end": (lambda: whole().told(37, "reminder"), "after its end"),
    "raised to the same": (lambda: fired().told(21, "escalated"), "raises nothing"),
    "eased to the same": (lambda: fired().told(21, "eased"), "lowers nothing"),
    "a reminder of another severity": (
        lambda: fired().told(21, "reminder", "critical", to=TO_BOTH),
        "of another severity",
    ),
    "a reminder that nobody wants": (lambda: fired().told(21, "reminder"), "repeated never"),
    "a hasty reminder": (
        lambda: fired(script=Script(HIGH, replace(NEAR, remind=900))).told(30, "reminder"),
        "840 s after",
    ),
    "thirteen reminders": (
        lambda: reminded(Script(HIGH, replace(NEAR, remind=60)), 13),
        "more than 12 reminders",
    ),
    "another beginning": (
        lambda: fired().told(36, "resolved", since=10, incident_id="near-15"),
        "says since",
    ),
    "of the future": (lambda: Script().told(16, "fired", at="2026-11-23T11:00:00Z"), "says at"),
    "a status of its own": (lambda: Script().told(16, "fired", status="ok"), "has status"),
    "longer than it is": (
        lambda: Script().told(16, "fired", duration_seconds=900),
        "says it lasted",
    ),
    "the same id": (
        lambda: Script().told(16, "fired", id="one").told(36, "resolved", id="one"),
        "has the id of",
    ),
    "two at a time": (lambda: fired().told(20, "fired", since=20), "still fires"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    script, fragment = WRONG[name]
    found = complaints(script().facts)
    assert any(fragment in each for each in found), found
