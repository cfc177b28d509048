"""Usual: how many calls a series has at this time of week.

Usual of a window is the median of the readings at the same local time of week in the last four
weeks, two windows either side. Weeks without readings there, weeks in which the alert fired then,
and holidays do not count; with fewer than two weeks nothing is usual.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from headroom.domain.baseline import NO_READING, Baseline, NewLevel, within
from headroom.domain.hours import Hours
from headroom.domain.windows import WEEK, WINDOW, Instant
from headroom.domain.zones import offset

WEEKS = 4
"""How many weeks usual looks back."""
SIDES = 2
"""Windows on each side of the same time of week that count too."""
NEEDED = 2
"""Weeks with readings that usual needs."""
ABOVE = 3.0
"""How far above usual a reading must lie to be unusual, in standard deviations."""
BELOW = 2.5
"""The same below usual: readings are maxima, and scatter less downwards."""
DAY_TO_DAY = 0.12
"""By what share the calls of ordinary days differ, beyond the scatter of counts."""

REMEMBERED = 128
"""Windows whose usual a baseline remembers: a check asks for the same few again."""

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual at one window of one series."""

    calls: float
    """Exact to half a call, unless a new level scales it."""
    weeks: int
    """How many weeks it was worked out from, 2 to 4."""


def band(usual: float, *, upper: bool) -> float:
    """How far from usual, in calls, a reading must lie to be unusual, whatever the percentage.

    Counts of independent calls scatter by the root of their mean (Poisson). Where next to nothing
    is usual, one call says nothing, so one call is the least standard deviation. Upwards, busy days
    come on top. bench/false_alarms.py has the figures.
    """
    count = max(usual, 1.0)
    days = usual * DAY_TO_DAY
    return ABOVE * math.sqrt(count + days * days) if upper else BELOW * math.sqrt(count)


def is_unusual(calls: float, usual: float, *, upper: bool) -> bool:
    """Whether a reading lies outside the band, on the side that the rule is about."""
    return (calls - usual if upper else usual - calls) > band(usual, upper=upper)


def usual_at(baseline: Baseline, series: str, window: Instant, hours: Hours) -> Usual | None:
    """What is usual at a window; None where that is not known, so that the rule abstains.

    It uses no reading newer than a week before the window (by local time) and 15 minutes more.
    Zeros before a line's first call do not count: the line did not exist.
    """
    key = series, window, hours.zone, hours.holidays
    found: Usual | None = baseline.memo.get(key)
    if found is None and key not in baseline.memo:
        if len(baseline.memo) >= REMEMBERED:
            baseline.memo.clear()  # a function keeps a thousand baselines for a day
        found = usual_known_by(baseline, series, window, hours, known_by=window)
        baseline.memo[key] = found
    return found


def newest_level(baseline: Baseline, series: str, window: Instant) -> NewLevel | None:
    """The newest lasting change that the window is judged by."""
    known = [new for new in baseline.levels.get(series, ()) if new.known <= window]
    return max(known, key=lambda new: new.known, default=None)


def usual_known_by(
    baseline: Baseline, series: str, window: Instant, hours: Hours, *, known_by: Instant
) -> Usual | None:
    """The same, scaled by the new levels that are known by an instant."""
    if series not in baseline.peaks:
        return None
    levels = [new for new in baseline.levels.get(series, ()) if new.known <= known_by]
    values: list[float] = []
    weeks = 0
    for same in weeks_before(window, hours.zone):
        if not hours.is_holiday(same):
            found = [
                peak * math.prod(new.ratio for new in levels if at < new.since) if levels else peak
                for at, peak in _readings(baseline, series, same)
            ]
            values += found
            weeks += bool(found)
    return Usual(float(median(values)), weeks) if weeks >= NEEDED else None


def _readings(baseline: Baseline, series: str, same: Instant) -> Iterator[tuple[Instant, int]]:
    """The readings around one window that count."""
    peaks = baseline.peaks[series]
    middle = (same - baseline.first) // WINDOW
    first = max(_begun(baseline, series), middle - SIDES)
    left_out = baseline.left_out.get(series, ())
    for index, peak in enumerate(peaks[first : max(first, middle + SIDES + 1)], first):
        at = baseline.first + index * WINDOW
        if peak != NO_READING and not (left_out and within(left_out, at)):
            yield at, peak


def _begun(baseline: Baseline, series: str) -> int:
    """The index of the series' first call outside what is left out."""
    key = "begun", series
    if key not in baseline.memo:
        peaks, left_out = baseline.peaks[series], baseline.left_out.get(series, ())
        calls = (index for index, peak in enumerate(peaks) if peak > 0)
        baseline.memo[key] = next(
            (at for at in calls if not within(left_out, baseline.first + at * WINDOW)), len(peaks)
        )
    index: int = baseline.memo[key]
    return index


@lru_cache(maxsize=1 << 13)  # every line of a zone asks for the same windows
def weeks_before(window: Instant, zone: str) -> tuple[Instant, ...]:
    """The windows at the same local time in the last four weeks, newest first.

    A clock change does not shift them. A week in which that time did not exist is left out; where
    it happened twice, the first counts.
    """
    local = window + offset(zone, window)
    found = (_instant(local - week * WEEK, zone) for week in range(1, WEEKS + 1))
    return tuple(each for each in found if each is not None)


def _instant(local: int, zone: str) -> Instant | None:
    """When clocks in the zone first showed this time (in seconds, as if it were UTC), if ever."""
    near = {offset(zone, local - _DAY), offset(zone, local + _DAY)}
    return min((local - o for o in near if offset(zone, local - o) == o), default=None)


@dataclass(frozen=True, slots=True)
class UsualOfSeries:
    """What is usual of one series, for a rule in one hours."""

    baseline: Baseline | None
    """None: nothing is known."""
    series: str
    hours: Hours | None

    def at(self, window: Instant) -> float | None:
        """The usual calls of a window; None: not known."""
        if self.baseline is None or self.hours is None:
            return None
        found = usual_at(self.baseline, self.series, window, self.hours)
        return found.calls if found else None

    def new_level(self, after: Instant, until: Instant) -> NewLevel | None:
        """The newest lasting change that was found after one window, up to another."""
        if self.baseline is None:
            return None
        found = newest_level(self.baseline, self.series, until)
        return found if found and found.known > after else None


NOT_KNOWN = UsualOfSeries(None, "", None)
