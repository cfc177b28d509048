"""The hours of a rule, day by day: by the same arithmetic as a check, window for window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from headroom.domain.hours import DAY, Hours, start_of
from headroom.domain.windows import WINDOW, Instant, span, window_of
from headroom.domain.zones import offset

MOST = 400
"""Days that are looked ahead."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Active windows without a break on one local day."""

    begin: Instant
    end: Instant
    """Exclusive."""
    text: str
    """By the clock on the wall: `08:00-20:00`."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """When the clocks of a zone change."""

    at: Instant
    seconds: int
    """How far they go forward; negative: back."""
    text: str
    """Between which times on the wall: those that do not exist, or that happen twice."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day."""

    date: date
    active: tuple[Stretch, ...]
    holiday: bool
    changes: tuple[ClockChange, ...] = field(default=())


def days(hours: Hours, now: Instant, number: int) -> list[Day]:
    """Return today and the days after it, by the rule's own calendar."""
    first = start_of(local_date(hours.zone, now))
    around = span(first - DAY, first + (number + 1) * DAY)
    by_date = {day: list(each) for day, each in groupby(around, lambda at: _day(hours.zone, at))}
    today = _day(hours.zone, now)
    return [_made(hours, by_date[day]) for day in range(today, today + number) if day in by_date]


def next_change(hours: Hours, now: Instant) -> Instant | None:
    """Return when activity next begins or ends; None: it does not within 400 days."""
    window = window_of(now)
    active = hours.active(window)
    ahead = span(window + WINDOW, window + MOST * DAY)
    return next((each for each in ahead if hours.active(each) is not active), None)


def local_date(zone: str, at: Instant) -> date:
    """Return the date there."""
    return date.fromordinal(date(1970, 1, 1).toordinal() + _day(zone, at))


def local_time(zone: str, at: Instant) -> str:
    """Format the time on the wall there: `08:00`."""
    return _clock(at + offset(zone, at))


def _made(hours: Hours, windows: list[Instant]) -> Day:
    return Day(
        date=local_date(hours.zone, windows[0]),
        active=tuple(_stretches(hours, windows)),
        holiday=hours.is_holiday(windows[0]),
        changes=tuple(_changes(hours.zone, windows)),
    )


def _stretches(hours: Hours, windows: list[Instant]) -> Iterator[Stretch]:
    for active, found in groupby(windows, hours.active):
        if active:
            stretch = list(found)
            begin, last = stretch[0], stretch[-1]
            # The end by the last window's clock: the hour after it may not exist.
            end = _clock(last + offset(hours.zone, last) + WINDOW)
            text = f"{local_time(hours.zone, begin)}-{'24:00' if end == '00:00' else end}"
            yield Stretch(begin, last + WINDOW, text)


def _changes(zone: str, windows: list[Instant]) -> Iterator[ClockChange]:
    for at in windows:
        before, after = offset(zone, at - WINDOW), offset(zone, at)
        if before != after:
            low, high = sorted([at + before, at + after])
            yield ClockChange(at, after - before, f"{_clock(low)}-{_clock(high)}")


def _day(zone: str, at: Instant) -> int:
    """Days from 1970 to the date there."""
    return (at + offset(zone, at)) // DAY


def _clock(local: Instant) -> str:
    minutes = local % DAY // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"
