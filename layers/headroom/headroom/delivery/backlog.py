"""What one channel is still to be sent in one check: by alert in order, the most urgent first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from headroom.domain.builtin_alerts import HEADROOM
from headroom.domain.outbox import Claim

TICK = 60
"""Seconds between two checks: within one, all that is queued is equally old."""

Line = tuple[str, str]
"""A project's document and an alert: what comes later waits for what comes first."""

Rank = tuple[int, ...]
"""What is least of it comes first."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One leased notice of one project."""

    project: str
    claim: Claim

    @property
    def line(self) -> Line:
        """What it has to keep its order in."""
        return self.project, self.claim.notice.alert_id

    @property
    def tried(self) -> bool:
        """Whether an earlier check tried it."""
        return self.claim.owed.attempts > 0

    @property
    def own(self) -> bool:
        """Whether it is one of Headroom's own reports, which list the projects they are about."""
        return self.claim.notice.project == HEADROOM


class Waiting:
    """Everything that was offered and not taken yet."""

    def __init__(self) -> None:
        self._lines: dict[Line, deque[Parcel]] = {}

    @property
    def count(self) -> int:
        """How many notices."""
        return sum(map(len, self._lines.values()))

    @property
    def of_projects(self) -> int:
        """How many of them are not Headroom's own reports."""
        return sum(not each.own for line in self._lines.values() for each in line)

    @property
    def least_tried(self) -> int:
        """How often the one was tried that was tried least."""
        attempts = (each.claim.owed.attempts for line in self._lines.values() for each in line)
        return min(attempts, default=0)

    def add(self, parcels: Iterable[Parcel]) -> None:
        """Add these behind what is there of the same alerts."""
        for each in parcels:
            self._lines.setdefault(each.line, deque()).append(each)

    def take(
        self, *, untried_first: bool = False, fit: Callable[[Parcel], bool] = lambda _: True
    ) -> Parcel | None:
        """The first of the most urgent alert whose first is `fit`.

        By severity, then what was tried less often, then what was queued in an earlier tick:
        notices that fail and begin again in every check may not hold back one that waits. With
        `untried_first` that comes before severity: nothing that fails again and again may hold
        back the rest of a channel that has not taken anything yet.
        """

        def urgency(line: deque[Parcel]) -> Rank:
            first = line[0].claim
            tried = untried_first and line[0].tried
            return tried, _mildness(line), first.owed.attempts, first.queued_at // TICK

        return self._first(fit, urgency)

    def take_longest_due(self, fit: Callable[[Parcel], bool] = lambda _: True) -> Parcel | None:
        """The first of the alert whose first is `fit` and might have been sent longest ago.

        Whatever is tried is due later than before, so all others come before it again.
        """

        def due(line: deque[Parcel]) -> Rank:
            first = line[0].claim
            return (max(first.queued_at, first.owed.retry_at),)

        return self._first(fit, due)

    def _first(
        self, fit: Callable[[Parcel], bool], rank: Callable[[deque[Parcel]], Rank]
    ) -> Parcel | None:
        able = [line for line in self._lines.values() if fit(line[0])]
        if not able:
            return None
        line = min(able, key=rank)
        first = line.popleft()
        if not line:
            del self._lines[first.line]
        return first

    def take_lines(self, fit: Callable[[Parcel], bool] = lambda _: True) -> list[list[Parcel]]:
        """All of each alert whose every notice is `fit`, each in order, the most severe first."""
        found = [key for key, line in self._lines.items() if all(map(fit, line))]
        return sorted((list(self._lines.pop(key)) for key in found), key=_mildness)

    def take_line(self, line: Line) -> list[Parcel]:
        """All that is left of one alert."""
        return list(self._lines.pop(line, ()))


def _mildness(line: Iterable[Parcel]) -> int:
    """Less, the more severe the worst of it is."""
    return -max(each.claim.notice.severity.rank for each in line)
