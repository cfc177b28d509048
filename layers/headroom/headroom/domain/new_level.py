"""Lasting new levels: a line that has had a steady multiple of what was usual for three days.

An incident of usual on such a line would never end: the new readings are left out of usual because
the alert fires. So the change is found when the baseline is made, reported once, and usual is
scaled. An outage is none: it has next to nothing left, or is over before three days.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from headroom.domain.baseline import Baseline, NewLevel
from headroom.domain.usual import Calendar, usual_known_by
from headroom.domain.windows import HOUR, WINDOW, Instant

HALF_DAY = 12 * HOUR
DAYS = 3
"""How long a change must have lasted."""
BACK = 8
"""How many half days before that may belong to it as well."""
LEAST = 0.3
"""A level below this share of usual is an outage, however long."""
CHANGE = 4 / 3
"""The least change, up or down: smaller ones enter usual by themselves, in two or three weeks."""
STEADY = 0.25
"""By what share a half day may go beyond the new level."""
ENOUGH = 2.0
"""Calls that must be usual on average in a half day that is to show anything."""


def with_new_levels(baseline: Baseline, calendar: Calendar) -> Baseline:
    """The baseline with the new level of each series that has one by its newest readings.

    For the making of a baseline, once it was extended. Made twice, it finds nothing more.
    """
    found = {name: new_level(baseline, name, calendar) for name in baseline.peaks}
    levels = {
        name: (*baseline.levels.get(name, ()), new)
        for name, new in found.items()
        if new is not None
    }
    return replace(baseline, levels={**baseline.levels, **levels}) if levels else baseline


def new_level(baseline: Baseline, series: str, calendar: Calendar) -> NewLevel | None:
    """The lasting change that the newest readings of a series show, if they show one."""
    known = baseline.until + WINDOW
    oldest = max((new.since for new in baseline.levels.get(series, ())), default=baseline.first)
    halves = (
        _half(baseline, series, known - (number + 1) * HALF_DAY, calendar)
        for number in range((known - oldest) // HALF_DAY)
    )
    newest = [*islice(halves, 2 * DAYS)]
    if len(newest) < 2 * DAYS:
        return None
    telling = [half for half in newest if half.tells]
    days = {(known - half.start - 1) // (2 * HALF_DAY) for half in telling}
    if len(days) < DAYS:
        return None
    ratio = sum(half.calls for half in telling) / sum(half.usual for half in telling)
    if ratio < LEAST or 1 / CHANGE < ratio < CHANGE:
        return None
    if not all(half.agrees(ratio) for half in telling):
        return None
    earlier = takewhile(
        lambda half: half.agrees(ratio),
        (half for half, _ in zip(halves, range(BACK), strict=False)),
    )
    since = min(half.start for half in (*telling, *earlier) if half.tells)
    return NewLevel(since=since, ratio=round(ratio, 2), known=known)


@dataclass(frozen=True, slots=True)
class _Half:
    """Half a day: its calls, and what was usual in the same windows, both added up."""

    start: Instant
    windows: int
    calls: int
    usual: float

    @property
    def tells(self) -> bool:
        """Whether it had readings for half of its time, and calls enough to compare."""
        return self.windows >= HALF_DAY // WINDOW // 2 and self.usual >= ENOUGH * self.windows

    def agrees(self, ratio: float) -> bool:
        """Whether it has about this multiple of usual; one that tells nothing does not object.

        It lies nearer to the new level than to the old one, and not far beyond the new.
        """
        if not self.tells:
            return True
        own = self.calls / self.usual
        beyond = own / ratio if ratio > 1 else ratio / max(own, LEAST / 10)
        return beyond <= 1 + STEADY and beyond >= math.sqrt(min(ratio, 1 / ratio))


def _half(baseline: Baseline, series: str, start: Instant, calendar: Calendar) -> _Half:
    found = [*_compared(baseline, series, range(start, start + HALF_DAY, WINDOW), calendar)]
    calls, usual = sum(each for each, _ in found), sum(each for _, each in found)
    return _Half(start, len(found), calls, usual)


def _compared(
    baseline: Baseline, series: str, windows: range, calendar: Calendar
) -> Iterator[tuple[int, float]]:
    """The readings that can be compared with usual, as every level known by now scales it."""
    for window in windows:
        calls = baseline.reading(series, window)
        if calls is None or calendar.is_holiday(window):
            continue
        usual = usual_known_by(baseline, series, window, calendar, known_by=baseline.until + WINDOW)
        if usual is not None:
            yield calls, usual.calls
