"""The notices that wait for one channel in one check: alerts in order, the most urgent first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from headroom.domain.outbox import Claim, Line

TICK = 60
"""Seconds between two checks: within one, all that is queued is equally old."""

Rank = tuple[int, ...]
"""Comes first where it is least."""


class Backlog:
    """Everything that was offered and not taken yet."""

    def __init__(self) -> None:
        self._lines: dict[Line, deque[Claim]] = {}

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
        attempts = (each.owed.attempts for line in self._lines.values() for each in line)
        return min(attempts, default=0)

    def add(self, claims: Iterable[Claim]) -> None:
        """Add these behind what is there of the same alerts."""
        for each in claims:
            self._lines.setdefault(each.line, deque()).append(each)

    def take(
        self, *, untried_first: bool = False, fit: Callable[[Claim], bool] = lambda _: True
    ) -> Claim | None:
        """The first of the most urgent alert whose first is `fit`.

        By severity, then what was tried less often, then what was queued in an earlier tick:
        notices that fail and begin again in every check may not hold back one that waits. With
        `untried_first` that comes before severity: nothing that fails again and again may hold
        back the rest of a channel that has not taken anything yet.
        """

        def urgency(line: deque[Claim]) -> Rank:
            first = line[0]
            tried = untried_first and line[0].tried
            return tried, _mildness(line), first.owed.attempts, first.queued_at // TICK

        return self._first(fit, urgency)

    def take_longest_due(self, fit: Callable[[Claim], bool] = lambda _: True) -> Claim | None:
        """The first of the alert whose first is `fit` and might have been sent longest ago.

        Whatever is tried is due later than before, so all others come before it again.
        """

        def due(line: deque[Claim]) -> Rank:
            first = line[0]
            return (max(first.queued_at, first.owed.retry_at),)

        return self._first(fit, due)

    def _first(
        self, fit: Callable[[Claim], bool], rank: Callable[[deque[Claim]], Rank]
    ) -> Claim | None:
        able = [line for line in self._lines.values() if fit(line[0])]
        if not able:
            return None
        line = min(able, key=rank)
        first = line.popleft()
        if not line:
            del self._lines[first.line]
        return first

    def take_lines(self, fit: Callable[[Claim], bool] = lambda _: True) -> list[list[Claim]]:
        """All of each alert whose every notice is `fit`, each in order, the most severe first."""
        found = [key for key, line in self._lines.items() if all(map(fit, line))]
        return sorted((list(self._lines.pop(key)) for key in found), key=_mildness)

    def take_line(self, line: Line) -> list[Claim]:
        """All that is left of one alert."""
        return list(self._lines.pop(line, ()))


def _mildness(line: Iterable[Claim]) -> int:
    """Less, the more severe the worst of it is."""
    return -max(each.notice.severity.rank for each in line)
