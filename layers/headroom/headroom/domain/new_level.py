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
from headroom.domain.hours import Hours
from headroom.domain.usual import usual_known_by
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
EVERYWHERE = 2 * HOUR
"""Seconds from the making until windows are judged by a new level: by then every instance of the
function has read the new baseline. Else they would disagree, and an incident could come and go."""
STEADY = 0.25
"""By what share a half day may go beyond the new level."""
ENOUGH = 2.0
"""Calls that must be usual on average in a half day that is to show anything."""


def with_new_levels(baseline: Baseline, hours: Hours) -> Baseline:
    """The baseline with the new level of each series that has one by its newest readings.

    For the making of a baseline, once it was extended. Made twice, it finds nothing more.
    """
    found = {name: new_level(baseline, name, hours) for name in baseline.peaks}
    levels = {
        name: (*baseline.levels.get(name, ()), new)
        for name, new in found.items()
        if new is not None
    }
    return replace(baseline, levels={**baseline.levels, **levels}) if levels else baseline


def new_level(baseline: Baseline, series: str, hours: Hours) -> NewLevel | None:
    """The lasting change that the newest readings of a series show, if they show one."""
    known = baseline.until + WINDOW
    halves = _halves(baseline, series, hours)
    newest = [*takewhile(lambda half: half.could_belong, islice(halves, 2 * DAYS))]
    telling = [half for half in newest if half.tells]
    days = {(known - half.start - 1) // (2 * HALF_DAY) for half in telling}
    if len(newest) < 2 * DAYS or len(days) < DAYS:
        return None
    ratio = sum(half.calls for half in telling) / sum(half.usual for half in telling)
    if ratio < LEAST or 1 / CHANGE < ratio < CHANGE:
        return None
    if not all(half.agrees(ratio) for half in telling):
        return None
    earlier = takewhile(lambda half: half.agrees(ratio), islice(halves, BACK))
    since = min(half.start for half in (*telling, *earlier) if half.tells)
    return NewLevel(since=since, ratio=round(ratio, 2), known=known + EVERYWHERE)


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

    @property
    def could_belong(self) -> bool:
        """Whether any new level may agree with it; the newest half of most lines says no."""
        change = math.sqrt(CHANGE)
        return not self.tells or not self.usual / change < self.calls < self.usual * change

    def agrees(self, ratio: float) -> bool:
        """Whether it has about this multiple of usual; one that tells nothing does not object.

        It lies nearer to the new level than to the old one, and not far beyond the new.
        """
        near, beyond = math.sqrt(ratio), ratio * (1 + STEADY) ** math.copysign(1, ratio - 1)
        own = self.calls / self.usual if self.usual else 1.0
        return not self.tells or min(near, beyond) <= own <= max(near, beyond)


def _halves(baseline: Baseline, series: str, hours: Hours) -> Iterator[_Half]:
    """The half days back to the last new level, or to the first reading, newest first."""
    known = baseline.until + WINDOW
    first = max((new.since for new in baseline.levels.get(series, ())), default=baseline.first)
    for start in range(known - HALF_DAY, first - 1, -HALF_DAY):
        yield _half(baseline, series, start, hours)


def _half(baseline: Baseline, series: str, start: Instant, hours: Hours) -> _Half:
    found = [*_compared(baseline, series, range(start, start + HALF_DAY, WINDOW), hours)]
    calls, usual = sum(each for each, _ in found), sum(each for _, each in found)
    return _Half(start, len(found), calls, usual)


def _compared(
    baseline: Baseline, series: str, windows: range, hours: Hours
) -> Iterator[tuple[int, float]]:
    """The readings that can be compared with usual, as every level that was found scales it."""
    known_by = baseline.until + WINDOW + EVERYWHERE
    for window in windows:
        calls = baseline.reading(series, window)
        if calls is None or hours.is_holiday(window):
            continue
        usual = usual_known_by(baseline, series, window, hours, known_by=known_by)
        if usual is not None:
            yield calls, usual.calls
