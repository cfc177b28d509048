"""Usual: how many calls a series has at this time of week.

Usual of a window is the median of the readings at the same local time of week in the last four
weeks, two windows either side. Weeks without readings there, weeks in which the alert fired then,
and holidays do not count; with fewer than two weeks nothing is usual.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import median
from typing import Protocol
from zoneinfo import ZoneInfo

from headroom.domain.baseline import NO_READING, Baseline, NewLevel
from headroom.domain.windows import WINDOW, Instant

WEEKS = 4
"""How many weeks usual looks back."""
SIDES = 2
"""Windows on each side of the same time of week that count too."""
NEEDED = 2
"""Weeks with readings that usual needs."""
DEVIATIONS = 3
"""How far a reading must lie from usual to be unusual, in standard deviations of a count."""


class Calendar(Protocol):
    """Local time and holidays: `hours.Hours`. Equal calendars have equal hashes."""

    @property
    def zone(self) -> str:
        """The IANA name of the time zone."""

    def is_holiday(self, window: Instant) -> bool:
        """Whether the window starts on a holiday, by local date."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual at one window of one series."""

    calls: float
    """Exact to half a call, unless a new level scales it."""
    weeks: int
    """How many weeks it was worked out from, 2 to 4."""

    @property
    def band(self) -> float:
        """See `band`."""
        return band(self.calls)


def band(usual: float) -> float:
    """How far from usual, in calls, a reading must lie to be unusual, whatever the percentage.

    Counts of independent calls scatter by the root of their mean (Poisson). Where next to nothing
    is usual, one call says nothing, so one call is the least standard deviation.
    """
    return DEVIATIONS * math.sqrt(max(usual, 1.0))


def is_unusual(calls: float, usual: float, *, upper: bool) -> bool:
    """Whether a reading lies outside the band, on the side that the rule is about."""
    return (calls - usual if upper else usual - calls) > band(usual)


def usual_at(baseline: Baseline, series: str, window: Instant, calendar: Calendar) -> Usual | None:
    """What is usual at a window; None where that is not known, so that the rule abstains.

    It uses no reading newer than a week before the window (by local time) and 15 minutes more.
    Zeros before a line's first call do not count: the line did not exist.
    """
    key = series, window, calendar
    if key not in baseline.memo:
        baseline.memo[key] = _usual_at(baseline, series, window, calendar)
    found: Usual | None = baseline.memo[key]
    return found


def newest_level(baseline: Baseline, series: str, window: Instant) -> NewLevel | None:
    """The newest lasting change that the window is judged by."""
    known = [new for new in baseline.levels.get(series, ()) if new.known <= window]
    return max(known, key=lambda new: new.known, default=None)


def _usual_at(baseline: Baseline, series: str, window: Instant, calendar: Calendar) -> Usual | None:
    values: list[float] = []
    weeks = 0
    for same in weeks_before(window, calendar.zone):
        if calendar.is_holiday(same):
            continue
        found = [*_readings(baseline, series, same, window)]
        values += found
        weeks += bool(found)
    return Usual(float(median(values)), weeks) if weeks >= NEEDED else None


def _readings(baseline: Baseline, series: str, same: Instant, window: Instant) -> Iterator[float]:
    """The readings around the same time of an earlier week that count."""
    peaks = baseline.peaks.get(series)
    if peaks is None:
        return
    middle = (same - baseline.first) // WINDOW
    begun = _begun(baseline, series)
    left_out = baseline.left_out.get(series, ())
    levels = [new for new in baseline.levels.get(series, ()) if new.known <= window]
    for index in range(max(begun, middle - SIDES), min(len(peaks), middle + SIDES + 1)):
        at = baseline.first + index * WINDOW
        if peaks[index] == NO_READING or any(since <= at < end for since, end in left_out):
            continue
        yield peaks[index] * math.prod(new.ratio for new in levels if at < new.since)


def _begun(baseline: Baseline, series: str) -> int:
    """The index of the series' first call outside what is left out."""
    key = "begun", series
    if key not in baseline.memo:
        peaks, left_out = baseline.peaks[series], baseline.left_out.get(series, ())
        baseline.memo[key] = next(
            (
                index
                for index, peak in enumerate(peaks)
                if peak > 0
                and not any(
                    since <= baseline.first + index * WINDOW < end for since, end in left_out
                )
            ),
            len(peaks),
        )
    index: int = baseline.memo[key]
    return index


@lru_cache(maxsize=8192)
def weeks_before(window: Instant, zone: str) -> tuple[Instant, ...]:
    """The windows at the same local time in the last four weeks, newest first.

    A clock change does not shift them. A week in which that time did not exist is left out; where
    it happened twice, the first counts.
    """
    here = ZoneInfo(zone)
    local = datetime.fromtimestamp(window, here).replace(tzinfo=None)
    found = []
    for week in range(1, WEEKS + 1):
        wall = (local - timedelta(weeks=week)).replace(fold=0)
        same = wall.replace(tzinfo=here).astimezone(UTC)
        if same.astimezone(here).replace(tzinfo=None) == wall:
            found.append(int(same.timestamp()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class UsualOfSeries:
    """What is usual of one series, for a rule in one calendar."""

    baseline: Baseline | None
    """None: nothing is known."""
    series: str
    calendar: Calendar | None

    def at(self, window: Instant) -> float | None:
        """The usual calls of a window; None: not known."""
        if self.baseline is None or self.calendar is None:
            return None
        found = usual_at(self.baseline, self.series, window, self.calendar)
        return found.calls if found else None

    def new_level(self, after: Instant, until: Instant) -> NewLevel | None:
        """The newest lasting change that was found after one window, up to another."""
        if self.baseline is None:
            return None
        found = newest_level(self.baseline, self.series, until)
        return found if found and found.known > after else None


NOT_KNOWN = UsualOfSeries(None, "", None)
