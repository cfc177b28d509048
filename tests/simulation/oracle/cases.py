"""Cases for the oracle's tests: runs with readings, checks and notices, written by hand.

All instants are minutes after `T0`; window `k` begins at minute `5 k` and is closed at `5 k + 6`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from tests.simulation.facts import (
    Edit,
    Ended,
    Facts,
    Fetch,
    InvalidProject,
    ProjectFacts,
    RuleFacts,
)
from tests.simulation.oracle.windows import closed_by
from tests.simulation.outcomes import Commit, DeadLetter, Send

T0 = 1795428000
"""2026-11-23T10:00:00Z."""
LINE = "support-line"
ROUTES = {"warning": ("chat",), "critical": ("chat", "pager")}
NEAR = RuleFacts("near", "all", upper=True, warning=70, critical=90)
CALM: Sequence[int | None] = (20,) * 12
BUSY: Sequence[int | None] = (20, 20, 20, 80, 80, 80, 20, 20, 20, 20, 20, 20)
"""Windows 3 to 5 are a warning: from minute 15 to 30."""


class Case:
    """One run of an hour, with a check each minute but for those `skipped`."""

    def __init__(
        self,
        values: Sequence[int | None] = BUSY,
        rule: RuleFacts = NEAR,
        *,
        skipped: range = range(0),
        failing: Mapping[int, str] | None = None,
        calm: int = -60,
    ) -> None:
        self.rule = rule
        self.ids = 0
        self.facts = Facts(
            seed=0,
            began=T0,
            calm=T0 + 60 * calm,
            ended=T0 + 60 * 59,
            settle=60,
            late=900,
            people=frozenset({"chat", "default"}),
            pagers=frozenset({"pager"}),
            config_age=0,
        )
        self.edit(0, rule)
        before = {T0 - 300 * back: 20 for back in range(1, 40)}
        line = {T0 + 300 * k: value for k, value in enumerate(values) if value is not None}
        self.facts.peaks[LINE, rule.query, ""] = before | line
        for minute in range(60):
            if minute not in skipped:
                self._check(minute, (failing or {}).get(minute, ""))

    def _check(self, minute: int, failure: str) -> None:
        at = T0 + 60 * minute
        newest = max(self.facts.peaks[LINE, self.rule.query, ""])  # of zeros, were it to be read
        known = newest if not failure else None
        closed = closed_by(at, self.facts.settle) if known else None
        asked = Fetch(minute, at, LINE, self.rule.query, failure, newest=known, closed=closed)
        self.facts.fetches.append(asked)
        self.facts.checks.append(Ended(minute, at, "done"))
        self.facts.seen.setdefault(LINE, at)

    def edit(self, minute: int, *rules: RuleFacts) -> Self:
        """Write these rules."""
        now = ProjectFacts(rules, ROUTES)
        self.facts.edits.append(Edit(T0 + 60 * minute, LINE, now))
        return self

    def write(self, minute: int, now: InvalidProject | None) -> Self:
        """Write an invalid project, or remove it."""
        self.facts.edits.append(Edit(T0 + 60 * minute, LINE, now))
        return self

    def notice(
        self, minute: int, kind: str, severity: str, since: int, changes: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Make one of the rule's notices."""
        self.ids += 1
        ends = kind in ("resolved", "missed")
        rule = str(changes.get("rule", self.rule.name))
        made: dict[str, Any] = {
            "id": f"notice-{self.ids}",
            "incident_id": f"{rule}-{since}",
            "kind": kind,
            "severity": severity,
            "status": "ok" if ends else "firing",
            "project": LINE,
            "rule": rule,
            "series": "",
            "value": None,
            "peak": None,
            "threshold": getattr(self.rule, severity),
            "since": _iso(since),
            "at": _iso(minute),
            "duration_seconds": 60 * (minute - since),
            "reason": "",
        }
        return made | dict(changes)

    def stored(
        self,
        minute: int,
        kind: str,
        severity: str = "warning",
        *,
        since: int = 15,
        to: Sequence[str] = ("chat",),
        **changes: Any,  # noqa: ANN401  # the keys of a notice
    ) -> Self:
        """Store a notice in the check of this minute, and let it arrive."""
        notice = self.notice(minute, kind, severity, since, changes)
        at = T0 + 60 * minute
        self.facts.commits.append(Commit(minute, at, LINE, {}, {}, (notice,)))
        for channel in to:
            self.sent(minute, channel, notice)
        return self

    def sent(
        self, minute: int, channel: str, notice: Mapping[str, Any], answer: str = "accepted"
    ) -> Self:
        """Send it to a channel; only what is refused or put off does not arrive."""
        at, order = T0 + 60 * minute, len(self.facts.sends)
        arrived = answer in ("accepted", "ambiguous")
        send = Send(minute, at, LINE, channel, notice, arrived, answer, recorded=True, order=order)
        self.facts.sends.append(send)
        return self

    def received(self, minute: int, channel: str, kind: str, **how: Any) -> Self:  # noqa: ANN401
        """Let a channel receive a notice that is in no history: the end of what it never got."""
        since, answer = how.pop("since", 15), how.pop("answer", "accepted")
        notice = self.notice(minute, kind, how.pop("severity", "warning"), since, how)
        return self.sent(minute, channel, notice, answer)

    def given_up(self, minute: int, channel: str) -> Self:
        """Put the last notice into the dead-letter queue."""
        notice = self.facts.commits[-1].history[0]
        letter = DeadLetter(minute, T0 + 60 * minute, LINE, channel, notice)
        self.facts.dead_letters.append(letter)
        return self


def _iso(minute: int) -> str:
    return datetime.fromtimestamp(T0 + 60 * minute, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


TO_BOTH = ("chat", "pager")
LOWER = replace(NEAR, upper=False, warning=5, critical=1)
SINKING = (20, 20, 20, 3, 3, 3, 20, 20, 20, 20, 20, 20)
RISING = (20, 20, 20, 80, 95, 80, 20, 20, 20, 20, 20, 20)
HIGH = (20, 20, 20, 80, 80, 80, 80, 80, 80, 80, 80, 80)
LATER = replace(NEAR, warning=75)
OFFICE = replace(NEAR, during=("09:00-10:25",))
UNUSUAL = replace(NEAR, warning=150, critical=None, of_usual=True)
SLOW = replace(NEAR, needed=2, among=3, margin=10, remind=900)


def fired(at: int = 16, case: Case | None = None) -> Case:
    """Store the beginning of the warning of windows 3 to 5."""
    return (case or Case()).stored(at, "fired")


def whole(case: Case | None = None) -> Case:
    """Store it to its end."""
    return fired(case=case).stored(36, "resolved", duration_seconds=900)


def edited(age: int | None = 0) -> Case:
    """Edit a number that changes nothing."""
    case = Case().edit(3, LATER)
    case.facts.config_age = age
    return case


def rising(case: Case | None = None) -> Case:
    """Store a warning that was critical for a while."""
    case = fired(case=case or Case(RISING))
    case = case.stored(21, "escalated", "critical", to=TO_BOTH).stored(31, "eased", to=TO_BOTH)
    return case.stored(36, "resolved", to=TO_BOTH, duration_seconds=900)


def unreachable(
    kind: str, first: int, last: int, severity: str = "warning", **minutes: int
) -> Case:
    """Let the checks of some minutes fail, and store notices of it in other minutes."""
    case = Case(CALM, failing=dict.fromkeys(range(first, last + 1), kind))
    for what, minute in minutes.items():
        case.stored(minute, what, severity, since=minutes["fired"], rule="unreachable")
    return case


def refused(**minutes: int) -> Case:
    """Let the configuration be invalid from minute 10 to 30."""
    case = Case(CALM).write(10, InvalidProject()).edit(30, NEAR)
    for what, minute in minutes.items():
        case.stored(minute, what, since=11, rule="config", to=("default",))
    return case


def removed(reason: str, at: int = 27) -> Case:
    """Take the rule away while it fires, and close it at minute 28."""
    other = replace(NEAR, name="other", warning=None, critical=120)
    case = Case(HIGH).edit(at, other)
    return fired(case=case).stored(28, "resolved", reason=reason)


def reminded(case: Case, times: int) -> Case:
    """Remind each minute."""
    for minute in range(17, 17 + times):
        case = case.stored(minute, "reminder")
    return case


def uncertain(case: Case) -> Case:
    """Send a pager the beginning with an ambiguous answer, and never the end."""
    notice = case.stored(16, "fired", "critical").facts.commits[-1].history[0]
    case.sent(16, "pager", notice, "ambiguous")
    return case.stored(26, "resolved", "critical", duration_seconds=300)


def at_the_end_of_hours(reason: str) -> Case:
    """Let its hours end at minute 25, while it fires."""
    case = fired(case=Case(HIGH, OFFICE))
    return case.stored(31, "resolved", duration_seconds=600, reason=reason)


def told_late(reason: str) -> Case:
    """Window 4 has no reading, which is known to be a breach once window 6 fires."""
    values = (20, 20, 20, 20, None, 20, *(80,) * 6)
    case = Case(
        values, replace(NEAR, missing="breach", critical=None), skipped=range(20, 31), calm=50
    )
    case.stored(31, "fired", since=30)
    return case.stored(32, "missed", since=20, duration_seconds=300, reason=reason)


def unusual(reason: str, threshold: float = 60.0) -> Case:
    """Let it fire while 40 calls are usual, until nothing is: from minute 25 on."""
    case = Case(HIGH, UNUSUAL)
    weeks = [T0 - back * 7 * 86400 + 300 * k for back in (1, 2) for k in range(-10, 3)]
    case.facts.weeks[LINE, "all", ""] = dict.fromkeys(weeks, 40)
    value_at = "2026-11-23T10:15:00Z"
    case.stored(21, "fired", threshold=threshold, value=80, value_at=value_at)
    return case.stored(31, "resolved", duration_seconds=600, reason=reason)
