"""The notices that wait for one channel in one check: alerts in order, the most urgent first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from headroom.domain.claims import Claim, Lane

TICK = 60
"""Seconds between two checks: within one, all that is queued is equally old."""

Rank = tuple[int, ...]
"""Comes first where it is least."""


class Backlog:
    """Everything that was offered and not taken yet."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, deque[Claim]] = {}

    @property
    def count(self) -> int:
        """How many notices."""
        return sum(map(len, self._lanes.values()))

    @property
    def of_projects(self) -> int:
        """How many of them are not Headroom's own reports."""
        return sum(not each.is_report for lane in self._lanes.values() for each in lane)

    @property
    def least_tried(self) -> int:
        """How often the one was tried that was tried least."""
        attempts = (each.delivery.attempts for lane in self._lanes.values() for each in lane)
        return min(attempts, default=0)

    def add(self, claims: Iterable[Claim]) -> None:
        """Add these behind what is there of the same alerts."""
        for each in claims:
            self._lanes.setdefault(each.lane, deque()).append(each)

    def take(
        self, *, untried_first: bool = False, fit: Callable[[Claim], bool] = lambda _: True
    ) -> Claim | None:
        """The first of the most urgent alert whose first is `fit`.

        By severity, then what was tried less often, then what was queued in an earlier tick:
        notices that fail and begin again in every check may not hold back one that waits. With
        `untried_first` that comes before severity: nothing that fails again and again may hold
        back the rest of a channel that has not taken anything yet.
        """

        def urgency(lane: deque[Claim]) -> Rank:
            first = lane[0]
            tried = untried_first and lane[0].tried
            return tried, _mildness(lane), first.delivery.attempts, first.queued_at // TICK

        return self._first(fit, urgency)

    def take_longest_due(self, fit: Callable[[Claim], bool] = lambda _: True) -> Claim | None:
        """The first of the alert whose first is `fit` and might have been sent longest ago.

        Whatever is tried is due later than before, so all others come before it again.
        """

        def due(lane: deque[Claim]) -> Rank:
            first = lane[0]
            return (max(first.queued_at, first.delivery.retry_at),)

        return self._first(fit, due)

    def _first(
        self, fit: Callable[[Claim], bool], rank: Callable[[deque[Claim]], Rank]
    ) -> Claim | None:
        able = [lane for lane in self._lanes.values() if fit(lane[0])]
        if not able:
            return None
        lane = min(able, key=rank)
        first = lane.popleft()
        if not lane:
            del self._lanes[first.lane]
        return first

    def take_lanes(self, fit: Callable[[Claim], bool] = lambda _: True) -> list[list[Claim]]:
        """All of each alert whose every notice is `fit`, each in order, the most severe first."""
        found = [key for key, lane in self._lanes.items() if all(map(fit, lane))]
        return sorted((list(self._lanes.pop(key)) for key in found), key=_mildness)

    def take_lane(self, lane: Lane) -> list[Claim]:
        """All that is left of one alert."""
        return list(self._lanes.pop(lane, ()))


def _mildness(lane: Iterable[Claim]) -> int:
    """Less, the more severe the worst of it is."""
    return -max(each.notice.severity.rank for each in lane)
