"""The oracle finds lost and wrong notices of channels, failures and edits (DESIGN 3 to 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.facts import InvalidParameter, InvalidProject
from tests.simulation.oracle.cases import (
    BUSY,
    CALM,
    HIGH,
    NEAR,
    RISING,
    T0,
    TO_BOTH,
    Case,
    edited,
    fired,
    refused,
    removed,
    uncertain,
    unreachable,
    whole,
)
from tests.simulation.oracle.complaints import complaints


def invalid_channel(until: int | None = None) -> Case:
    """The pager's channel is invalid from minute 10 on."""
    case = Case(CALM)
    fixed = None if until is None else T0 + 60 * until
    case.facts.invalid_parameters.append(InvalidParameter(T0 + 600, fixed, "channels/pager"))
    return case


WRONG: dict[str, tuple[Callable[[], Case], str]] = {
    # what the channels receive
    "a channel is left out": (
        lambda: Case().stored(16, "fired", to=()).stored(36, "resolved", to=()),
        "chat: support-line/near since 23 10:15: received nothing",
    ),
    "a pager is left out": (
        lambda: Case(RISING).stored(16, "fired").stored(21, "escalated", "critical"),
        "pager: support-line/near since 23 10:15: received nothing",
    ),
    "a page that stays open": (
        lambda: uncertain(Case((20, 20, 20, 95, 20) + (20,) * 7, calm=50)),
        "pager: support-line/near since 23 10:15: last received fired",
    ),
    "an alarm that stays": (
        lambda: fired().stored(36, "resolved", to=(), duration_seconds=900),
        "last received fired",
    ),
    "an old severity": (
        lambda: (
            Case((20, 20, 20, *(95,) * 9))
            .stored(16, "fired")
            .stored(21, "escalated", "critical", to=("pager",))
        ),
        "chat: support-line/near since 23 10:15: last received fired",
    ),
    "a pager gets a warning": (
        lambda: Case().stored(16, "fired", to=TO_BOTH),
        "elsewhere",
    ),
    "an end without a beginning": (
        lambda: Case().stored(16, "fired", to=()).stored(36, "resolved", duration_seconds=900),
        "the end only",
    ),
    "missed after all": (
        lambda: fired().stored(36, "resolved", to=()).received(36, "chat", "missed"),
        "its beginning was accepted",
    ),
    "missed to a pager": (
        lambda: Case((20, 20, 20, 95, 20) + (20,) * 7, skipped=range(15, 45), calm=50).stored(
            45, "missed", "critical", to=TO_BOTH, duration_seconds=300
        ),
        "which goes elsewhere",
    ),
    "a notice that was never stored": (
        lambda: Case(CALM).received(9, "chat", "fired"),
        "never stored",
    ),
    "an old incident last": (
        lambda: (
            whole(Case((*BUSY[:9], 80, 80, 80)))
            .stored(46, "fired", since=45)
            .received(47, "chat", "resolved")
        ),
        "older incident has the last notice",
    ),
    # what cannot be read
    "unreachable for no reason": (
        lambda: unreachable("passing", 0, -1, fired=9),
        "no failed query",
    ),
    "unreachable at once": (
        lambda: unreachable("passing", 10, 15, fired=12),
        "after 120 s of passing",
    ),
    "too bad too soon": (
        lambda: unreachable("lasting", 10, 20, "critical", fired=10, resolved=21),
        "after 0 s",
    ),
    "a refused key and no alert": (lambda: unreachable("lasting", 10, 20), "does not fire"),
    "long unreachable and no alert": (lambda: unreachable("passing", 10, 30), "does not fire"),
    "long unreachable and only a warning": (
        lambda: unreachable("lasting", 10, 50, fired=10, resolved=51),
        "only a warning",
    ),
    "still unreachable": (lambda: unreachable("lasting", 10, 20, fired=10), "after 3 good checks"),
    "resolved too soon": (
        lambda: unreachable("lasting", 10, 20, fired=10, resolved=15),
        "could not read everything",
    ),
    # what is invalid
    "invalid and no alert": (
        lambda: Case(CALM).write(10, InvalidProject()),
        "the configuration is invalid",
    ),
    "invalid for no reason": (
        lambda: Case(CALM).stored(9, "fired", rule="config", since=9),
        "nothing was invalid",
    ),
    "fixed too soon": (lambda: refused(fired=11, resolved=20), "still invalid"),
    "a configuration that is critical too soon": (
        lambda: (
            Case(CALM)
            .write(10, InvalidProject())
            .stored(11, "fired", "critical", since=11, rule="config", to=("default",))
        ),
        "critical by the check of 23 10:11, after 0 s",
    ),
    "a configuration that is a warning for ever": (
        lambda: (
            Case(CALM)
            .write(10, InvalidProject())
            .stored(11, "fired", since=11, rule="config", to=("default",))
        ),
        "only a warning at the end",
    ),
    "an invalid channel, and no alert": (
        invalid_channel,
        "channels.pager: fires False, and it is invalid True",
    ),
    "a channel that is fixed, and it fires on": (
        lambda: invalid_channel(until=20).stored(
            12,
            "fired",
            since=12,
            rule="config",
            project="headroom",
            series="channels.pager",
            to=("default",),
        ),
        "channels.pager: fires True, and it is invalid False",
    ),
    "fixed, and it fires on": (lambda: refused(fired=11), "the configuration is good"),
    # what is edited
    "closed without a reason": (lambda: removed(reason="", at=20), "configured no more"),
    "removed and still firing": (
        lambda: fired(case=Case(HIGH).write(25, None)),
        "still fires, and it is configured no more",
    ),
    "closed by nobody": (
        lambda: removed(reason="rule removed").edit(30, NEAR).stored(20, "resolved", reason="why"),
        "nobody edited that",
    ),
    "justified by nothing": (
        lambda: Case(CALM).edit(5, replace(NEAR, warning=75)).stored(16, "fired"),
        "which no configuration of then justifies",
    ),
    "going back behind an edit": (
        lambda: removed(reason="rule removed").stored(28, "fired", since=25),
        "fired warning by the check of 23 10:28, which no configuration",
    ),
    "raised by nothing": (
        lambda: fired(case=edited()).stored(21, "escalated", "critical", to=TO_BOTH),
        "escalated critical by the check of 23 10:21, which no configuration",
    ),
    "over by nothing": (
        lambda: fired(case=edited()).stored(26, "resolved", duration_seconds=900),
        "resolved warning by the check of 23 10:26, which no configuration",
    ),
    "missed by nothing": (
        lambda: edited().stored(26, "missed", duration_seconds=900),
        "missed warning by the check of 23 10:26, which no configuration",
    ),
    "another series": (
        lambda: edited().stored(16, "fired", series="VARIANT-1"),
        "which no configuration of then justifies",
    ),
    "an edit that makes it fire": (
        lambda: Case((60,) * 12).edit(20, replace(NEAR, warning=50)),
        "severity 1 to 1 holds",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    case, fragment = WRONG[name]
    found = complaints(case().facts)
    assert any(fragment in each for each in found), found
