"""Short plays for the oracle's tests: the same incident, told in several ways."""

from __future__ import annotations

from dataclasses import replace

from tests.simulation.facts import InvalidProject
from tests.simulation.oracle.handwritten import CALM, NEAR, Script

TO_BOTH = ("chat", "pager")
LOWER = replace(NEAR, upper=False, warning=5, critical=1)
SINKING = (20, 20, 20, 3, 3, 3, 20, 20, 20, 20, 20, 20)
RISING = (20, 20, 20, 80, 95, 80, 20, 20, 20, 20, 20, 20)
HIGH = (20, 20, 20, 80, 80, 80, 80, 80, 80, 80, 80, 80)
LATER = replace(NEAR, warning=75)
SLOW = replace(NEAR, needed=2, among=3, margin=10, remind=900)


def fired(at: int = 16, script: Script | None = None) -> Script:
    """Tell the warning of windows 3 to 5 as it begins."""
    return (script or Script()).told(at, "fired")


def whole(script: Script | None = None) -> Script:
    """Tell it to its end."""
    return fired(script=script).told(36, "resolved", duration_seconds=900)


def edited(age: int | None = 0) -> Script:
    """Edit a number that changes nothing."""
    script = Script().edit(3, LATER)
    script.facts.config_age = age
    return script


def rising(script: Script | None = None) -> Script:
    """Tell of a warning that was critical for a while."""
    script = fired(script=script or Script(RISING))
    script = script.told(21, "escalated", "critical", to=TO_BOTH).told(31, "eased", to=TO_BOTH)
    return script.told(36, "resolved", to=TO_BOTH, duration_seconds=900)


def blind(kind: str, first: int, last: int, severity: str = "warning", **told: int) -> Script:
    """Let the checks of some minutes fail, and tell of it at other minutes."""
    script = Script(CALM, failing=dict.fromkeys(range(first, last + 1), kind))
    for what, minute in told.items():
        script.told(minute, what, severity, since=told["fired"], rule="unreachable")
    return script


def refused(**told: int) -> Script:
    """Let the configuration be nonsense from minute 10 to 30."""
    script = Script(CALM).write(10, InvalidProject()).edit(30, NEAR)
    for what, minute in told.items():
        script.told(minute, what, since=11, rule="config", to=("default",))
    return script


def removed(reason: str, at: int = 27) -> Script:
    """Take the rule away while it fires, and close it at minute 28."""
    other = replace(NEAR, name="other", warning=None, critical=120)
    script = Script(HIGH).edit(at, other)
    return fired(script=script).told(28, "resolved", reason=reason)


def reminded(script: Script, times: int) -> Script:
    """Remind each minute."""
    for minute in range(17, 17 + times):
        script = script.told(minute, "reminder")
    return script


def uncertain(script: Script) -> Script:
    """Tell a pager the beginning in a way that its sender cannot know, and never the end."""
    notice = script.told(16, "fired", "critical").facts.commits[-1].history[0]
    script.sent(16, "pager", notice, "ambiguous")
    return script.told(26, "resolved", "critical", duration_seconds=300)
