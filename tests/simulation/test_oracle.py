"""The oracle accepts right notices, and finds wrong ones (DESIGN 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.oracle.cases import (
    CALM,
    HIGH,
    LATER,
    LOWER,
    NEAR,
    OFFICE,
    RISING,
    SINKING,
    SLOW,
    TO_BOTH,
    Case,
    at_the_end_of_hours,
    edited,
    fired,
    refused,
    reminded,
    removed,
    rising,
    told_late,
    unreachable,
    unusual,
    whole,
)
from tests.simulation.oracle.complaints import complaints

RIGHT: dict[str, Callable[[], Case]] = {
    "nothing happens": lambda: Case(CALM),
    "it fires on the open window and recovers": whole,
    "it fires on the closed window": lambda: (
        Case().stored(21, "fired").stored(36, "resolved", duration_seconds=900)
    ),
    "the window after the first fired while that one was settling": lambda: (
        Case().stored(20, "fired", since=20).stored(36, "resolved", since=20, duration_seconds=600)
    ),
    "it rises and falls": rising,
    "it goes on with reminders": lambda: (
        Case(HIGH, replace(NEAR, remind=900))
        .stored(16, "fired")
        .stored(31, "reminder")
        .stored(46, "reminder")
    ),
    "it is missed between two checks": lambda: Case(skipped=range(15, 45), calm=50).stored(
        45, "missed", duration_seconds=900
    ),
    "2 of 3 windows with hysteresis": lambda: (
        Case((20, 20, 20, 75, 20, 75, 61, 59, 59, 20, 20, 20), SLOW)
        .stored(31, "fired", since=25)
        .stored(46, "resolved", since=25, duration_seconds=900)
    ),
    "what was over before the first check": lambda: Case(
        (80, 80, 20) + (20,) * 9, skipped=range(18)
    ),
    "people get one missed when their channel was down": lambda: (
        Case(calm=50)
        .stored(16, "fired", to=())
        .stored(36, "resolved", to=(), duration_seconds=900)
        .received(46, "chat", "missed")
    ),
    "a pager gets nothing of what is over when it was down": lambda: (
        Case((20, 20, 20, 95, 20) + (20,) * 7, calm=50)
        .stored(16, "fired", "critical")
        .stored(26, "resolved", "critical", duration_seconds=300)
    ),
    "what was given up": lambda: (
        Case()
        .stored(16, "fired", to=())
        .given_up(16, "chat")
        .stored(36, "resolved", duration_seconds=900)
    ),
    "a key that is refused": lambda: unreachable("lasting", 10, 20, fired=10, resolved=21),
    "an answer that fails for a while": lambda: unreachable("passing", 10, 15),
    "and for ten minutes": lambda: unreachable("passing", 10, 25, fired=20, resolved=26),
    "a configuration that is invalid, then fixed": lambda: refused(fired=11, resolved=31),
    "an edit of another number": lambda: whole(edited()),
    "an edit of its own number": lambda: rising(Case(RISING).edit(3, LATER)),
    "missed by an edited rule": lambda: (
        Case(skipped=range(15, 45), calm=50)
        .edit(3, LATER)
        .stored(45, "missed", duration_seconds=900)
    ),
    "edited while it is not known who had loaded it": lambda: whole(edited(age=None)),
    "a report of Headroom's own": lambda: Case(CALM).stored(5, "fired", rule="overflow"),
    "a rule that is removed while it fires": lambda: removed(reason="rule removed"),
    "its hours end while it fires": lambda: at_the_end_of_hours(reason="outside hours"),
    "nothing is usual any more": lambda: unusual("usual is not known at this time"),
    "what was missed is known while a newer one fires": lambda: told_late(
        "it fired again at 10:30 UTC"
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_notices_are_no_complaint(name: str) -> None:
    assert complaints(RIGHT[name]().facts) == []


WRONG: dict[str, tuple[Callable[[], Case], str]] = {
    # what the readings say
    "no notice": (Case, "there is no notice"),
    "an invention": (lambda: whole(Case(CALM)), "no level holds there"),
    "history": (
        lambda: Case((80, 80, 20) + (20,) * 9, skipped=range(18)).stored(
            18, "missed", since=0, duration_seconds=600
        ),
        "no level holds there",
    ),
    "one stretch twice": (
        lambda: whole().stored(40, "missed", since=20, duration_seconds=600),
        "no level holds there",
    ),
    "one stretch by two windows": (
        lambda: Case().stored(16, "fired", since=20).stored(20, "fired"),
        "a second incident",
    ),
    "a lower bound on the open window": (
        lambda: Case(SINKING, LOWER).stored(16, "fired"),
        "but nothing holds at 23 10:10, 0 at most later",
    ),
    "more than the readings say": (
        lambda: Case().stored(16, "fired", "critical", to=TO_BOTH),
        "but nothing holds at 23 10:10, 1 at most later",
    ),
    "less than the readings say": (lambda: fired(case=Case(RISING)), "over at"),
    "not the worst": (
        lambda: fired(case=Case((20, 20, 20, *(95,) * 9))),
        "at the end but critical holds",
    ),
    "the end before it ended": (
        lambda: fired().stored(31, "resolved", duration_seconds=900),
        "but it held at 23 10:25",
    ),
    "no end": (fired, "last notice fired warning"),
    "an end of what goes on": (lambda: whole(Case(HIGH)), "but it held"),
    "hysteresis ignored": (
        lambda: (
            Case((20, 20, 20, 75, 20, 75, 61, 59, 59, 20, 20, 20), SLOW)
            .stored(31, "fired", since=25)
            .stored(41, "resolved", since=25, duration_seconds=600)
        ),
        "but it held at 23 10:35",
    ),
    "late": (lambda: fired(27).stored(36, "resolved", duration_seconds=900), "720 s after"),
    "a late end": (lambda: fired().stored(43, "resolved", duration_seconds=900), "780 s after"),
    "missed though checks ran": (
        lambda: Case().stored(36, "missed", duration_seconds=900),
        "after the window that ended it began",
    ),
    "fired though it was over": (
        lambda: Case(calm=50).stored(45, "fired").stored(46, "resolved", duration_seconds=900),
        "but it was over",
    ),
    "another duration": (
        lambda: fired().stored(36, "resolved", duration_seconds=300),
        "lasting 300",
    ),
    "a reason of its own": (
        lambda: fired().stored(36, "resolved", duration_seconds=900, reason="rule removed"),
        "nobody edited anything",
    ),
    "nothing is usual any more, for another reason": (
        lambda: unusual(""),
        "nothing is usual at 23 10:25",
    ),
    "another threshold of usual": (
        lambda: unusual("usual is not known at this time", 58.0),
        "threshold 58.0; it is 60.0",
    ),
    "the end of its hours, for another reason": (
        lambda: at_the_end_of_hours(reason=""),
        "its hours were over at 23 10:25",
    ),
    "the end of its hours, which are not over": (
        lambda: fired().stored(36, "resolved", duration_seconds=900, reason="outside hours"),
        "nobody edited anything",
    ),
    "no end with its hours": (lambda: fired(case=Case(HIGH, OFFICE)), "over at 23 10:15"),
    "outside its hours": (
        lambda: fired(case=Case(HIGH, replace(NEAR, during=("10:30-11:00",)))),
        "no level holds there",
    ),
    "another threshold": (
        lambda: Case().stored(16, "fired", threshold=71),
        "threshold 71",
    ),
    "another value": (lambda: Case().stored(16, "fired", value=81), "value 81"),
    "another peak": (lambda: Case().stored(16, "fired", peak=99), "peak 99"),
    "no reminder": (
        lambda: fired(case=Case(HIGH, replace(NEAR, remind=900))),
        "no reminder since",
    ),
    "another rule": (lambda: Case(CALM).stored(16, "fired", rule="far"), "no such rule"),
    # the sequence of notices
    "an end alone": (lambda: Case().stored(36, "resolved"), "begins with resolved"),
    "fired again": (lambda: fired(fired().ids + 16, fired()), "after fired warning"),
    "a notice after its end": (lambda: whole().stored(37, "reminder"), "after its end"),
    "raised to the same": (lambda: fired().stored(21, "escalated"), "raises nothing"),
    "eased to the same": (lambda: fired().stored(21, "eased"), "lowers nothing"),
    "a reminder of another severity": (
        lambda: fired().stored(21, "reminder", "critical", to=TO_BOTH),
        "of another severity",
    ),
    "a reminder that is not configured": (lambda: fired().stored(21, "reminder"), "repeated never"),
    "a hasty reminder": (
        lambda: fired(case=Case(HIGH, replace(NEAR, remind=900))).stored(30, "reminder"),
        "840 s after",
    ),
    "thirteen reminders": (
        lambda: reminded(Case(HIGH, replace(NEAR, remind=60)), 13),
        "more than 12 reminders",
    ),
    "another beginning": (
        lambda: fired().stored(36, "resolved", since=10, incident_id="near-15"),
        "says since",
    ),
    "of the future": (
        lambda: Case().stored(16, "fired", at="2026-11-23T11:00:00Z"),
        "says at",
    ),
    "a status of its own": (
        lambda: Case().stored(16, "fired", status="ok"),
        "has status",
    ),
    "longer than it is": (
        lambda: Case().stored(16, "fired", duration_seconds=900),
        "says it lasted",
    ),
    "the same id": (
        lambda: Case().stored(16, "fired", id="one").stored(36, "resolved", id="one"),
        "has the id of",
    ),
    "what was missed comes last and does not say that it fired again": (
        lambda: told_late(""),
        "missed warning by the check of 23 10:32 while",
    ),
    "two at a time": (lambda: fired().stored(20, "fired", since=20), "still fires"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    case, fragment = WRONG[name]
    found = complaints(case().facts)
    assert any(fragment in each for each in found), found
