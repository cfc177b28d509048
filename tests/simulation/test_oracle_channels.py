"""The oracle finds who is not told, what cannot be read, and what edits leave (DESIGN 3 to 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.facts import InvalidParameter, InvalidProject
from tests.simulation.oracle.complaints import complaints
from tests.simulation.oracle.examples import (
    HIGH,
    RISING,
    TO_BOTH,
    blind,
    edited,
    fired,
    refused,
    removed,
    uncertain,
    whole,
)
from tests.simulation.oracle.handwritten import BUSY, CALM, NEAR, T0, Script


def slipped(until: int | None = None) -> Script:
    """The pager's channel is written badly from minute 10 on."""
    script = Script(CALM)
    fixed = None if until is None else T0 + 60 * until
    script.facts.invalid_parameters.append(InvalidParameter(T0 + 600, fixed, "channels/pager"))
    return script


WRONG: dict[str, tuple[Callable[[], Script], str]] = {
    # what the channels hear
    "somebody is forgotten": (
        lambda: Script().told(16, "fired", to=()).told(36, "resolved", to=()),
        "chat: support-line/near since 23 10:15: never heard",
    ),
    "a pager is forgotten": (
        lambda: Script(RISING).told(16, "fired").told(21, "escalated", "critical"),
        "pager: support-line/near since 23 10:15: never heard",
    ),
    "a page that stays open": (
        lambda: uncertain(Script((20, 20, 20, 95, 20) + (20,) * 7, calm=50)),
        "pager: support-line/near since 23 10:15: last heard fired",
    ),
    "an alarm that stays": (
        lambda: fired().told(36, "resolved", to=(), duration_seconds=900),
        "last heard fired",
    ),
    "an old severity": (
        lambda: (
            Script((20, 20, 20, *(95,) * 9))
            .told(16, "fired")
            .told(21, "escalated", "critical", to=("pager",))
        ),
        "chat: support-line/near since 23 10:15: last heard fired",
    ),
    "a pager hears of a warning": (lambda: Script().told(16, "fired", to=TO_BOTH), "elsewhere"),
    "an end without a beginning": (
        lambda: Script().told(16, "fired", to=()).told(36, "resolved", duration_seconds=900),
        "the end only",
    ),
    "missed after all": (
        lambda: fired().told(36, "resolved", to=()).heard(36, "chat", "missed"),
        "its beginning was told",
    ),
    "missed to a pager": (
        lambda: Script((20, 20, 20, 95, 20) + (20,) * 7, skipped=range(15, 45), calm=50).told(
            45, "missed", "critical", to=TO_BOTH, duration_seconds=300
        ),
        "which goes elsewhere",
    ),
    "what nobody ever told": (lambda: Script(CALM).heard(9, "chat", "fired"), "nobody ever told"),
    "an old incident's last word": (
        lambda: (
            whole(Script((*BUSY[:9], 80, 80, 80)))
            .told(46, "fired", since=45)
            .heard(47, "chat", "resolved")
        ),
        "older incident had the last word",
    ),
    # what cannot be read
    "blind for no reason": (lambda: blind("passing", 0, -1, fired=9), "no failed query"),
    "blind at once": (lambda: blind("passing", 10, 15, fired=12), "after 120 s of passing"),
    "too bad too soon": (
        lambda: blind("lasting", 10, 20, "critical", fired=10, resolved=21),
        "after 0 s",
    ),
    "a refused key and nobody told": (lambda: blind("lasting", 10, 20), "does not fire"),
    "long blind and nobody told": (lambda: blind("passing", 10, 30), "does not fire"),
    "long blind and only a warning": (
        lambda: blind("lasting", 10, 50, fired=10, resolved=51),
        "only a warning",
    ),
    "still blind": (lambda: blind("lasting", 10, 20, fired=10), "after 3 good checks"),
    "seeing too soon": (
        lambda: blind("lasting", 10, 20, fired=10, resolved=15),
        "could not read everything",
    ),
    # what cannot be understood
    "refused and nobody told": (
        lambda: Script(CALM).write(10, InvalidProject()),
        "the configuration is invalid",
    ),
    "refused for no reason": (
        lambda: Script(CALM).told(9, "fired", rule="config", since=9),
        "nothing was invalid",
    ),
    "mended too soon": (lambda: refused(fired=11, resolved=20), "still invalid"),
    "a configuration that is critical too soon": (
        lambda: (
            Script(CALM)
            .write(10, InvalidProject())
            .told(11, "fired", "critical", since=11, rule="config", to=("default",))
        ),
        "critical told by the check of 23 10:11, after 0 s",
    ),
    "a configuration that is a warning for ever": (
        lambda: (
            Script(CALM)
            .write(10, InvalidProject())
            .told(11, "fired", since=11, rule="config", to=("default",))
        ),
        "only a warning at the end",
    ),
    "a invalid in a channel, and nobody told": (
        slipped,
        "channels.pager: fires False, and it is invalid True",
    ),
    "a channel that is fixed, and it fires on": (
        lambda: slipped(until=20).told(
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
    "never mended": (lambda: refused(fired=11), "the configuration is good"),
    # what is edited
    "closed without a word": (lambda: removed(reason="", at=20), "configured no more"),
    "removed and still firing": (
        lambda: fired(script=Script(HIGH).write(25, None)),
        "still fires, and it is configured no more",
    ),
    "closed by nobody": (
        lambda: removed(reason="rule removed").edit(30, NEAR).told(20, "resolved", reason="why"),
        "nobody edited that",
    ),
    "justified by nothing": (
        lambda: Script(CALM).edit(5, replace(NEAR, warning=75)).told(16, "fired"),
        "which no configuration of then justifies",
    ),
    "going back behind an edit": (
        lambda: removed(reason="rule removed").told(28, "fired", since=25),
        "fired warning told by the check of 23 10:28, which no configuration",
    ),
    "raised by nothing": (
        lambda: fired(script=edited()).told(21, "escalated", "critical", to=TO_BOTH),
        "escalated critical told by the check of 23 10:21, which no configuration",
    ),
    "over by nothing": (
        lambda: fired(script=edited()).told(26, "resolved", duration_seconds=900),
        "resolved warning told by the check of 23 10:26, which no configuration",
    ),
    "missed by nothing": (
        lambda: edited().told(26, "missed", duration_seconds=900),
        "missed warning told by the check of 23 10:26, which no configuration",
    ),
    "another series": (
        lambda: edited().told(16, "fired", series="VARIANT-1"),
        "which no configuration of then justifies",
    ),
    "an edit that makes it fire": (
        lambda: Script((60,) * 12).edit(20, replace(NEAR, warning=50)),
        "severity 1 to 1 holds",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    script, fragment = WRONG[name]
    found = complaints(script().facts)
    assert any(fragment in each for each in found), found
