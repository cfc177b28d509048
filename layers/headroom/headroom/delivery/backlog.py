"""The notices that one channel still gets in this check, by lane, the most urgent first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from headroom.domain.claims import Claim, Lane

TICK = 60
"""Seconds between two checks: all notices that were queued within one are equally old."""

Rank = tuple[int, ...]
"""The least comes first."""


class Backlog:
    """The claims that were offered and not taken yet."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, deque[Claim]] = {}

    @property
    def count(self) -> int:
        """How many notices."""
        return sum(map(len, self._lanes.values()))

    @property
    def of_projects(self) -> int:
        """How many of them are about a project, not Headroom's own reports."""
        return sum(not each.is_report for lane in self._lanes.values() for each in lane)

    @property
    def least_tried(self) -> int:
        """The fewest failed attempts of any of them."""
        attempts = (each.delivery.attempts for lane in self._lanes.values() for each in lane)
        return min(attempts, default=0)

    def add(self, claims: Iterable[Claim]) -> None:
        """Add these, each at the end of its lane."""
        for each in claims:
            self._lanes.setdefault(each.lane, deque()).append(each)

    def take(
        self, *, untried_first: bool = False, fit: Callable[[Claim], bool] = lambda _: True
    ) -> Claim | None:
        """Take the first claim of the most urgent lane, among those whose first is `fit`.

        The most urgent has the highest severity, then the fewest attempts, then the earliest tick:
        an alert that fails and begins again in every check must not hold back one that waits.
        With `untried_first`, untried claims come first of all: while the channel has accepted
        nothing yet, a notice that fails again and again must not hold back the rest.
        """

        def urgency(lane: deque[Claim]) -> Rank:
            first = lane[0]
            tried = untried_first and lane[0].tried
            return tried, -_severity(lane), first.delivery.attempts, first.queued_at // TICK

        return self._first(fit, urgency)

    def take_longest_due(self, fit: Callable[[Claim], bool] = lambda _: True) -> Claim | None:
        """Take the first claim of the lane that has been due longest, if that claim is `fit`.

        A failed attempt is due later than before, so all other lanes come before it again.
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
        """Take the lanes whose every claim is `fit`, whole and in order, the most severe first."""
        found = [key for key, lane in self._lanes.items() if all(map(fit, lane))]
        taken = (list(self._lanes.pop(key)) for key in found)
        return sorted(taken, key=lambda lane: -_severity(lane))

    def take_lane(self, lane: Lane) -> list[Claim]:
        """Take what is left of one lane."""
        return list(self._lanes.pop(lane, ()))


def _severity(lane: Iterable[Claim]) -> int:
    """The rank of the most severe notice."""
    return max(each.notice.severity.rank for each in lane)
