"""Hours: when a rule is active. A window is judged by the local time of its start.

- A range's end is not part of it: the last window of `08:00-20:00` starts at 19:55.
- A range that crosses midnight belongs to the day that it begins on, after midnight too: a night
  that begins on a holiday is inactive as a whole, one that began before a holiday goes on.
- Where clocks go forward, the hour that does not exist has no windows. Where they go back, the
  hour that happens twice is active twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import combinations, groupby

from headroom.domain.windows import WINDOW, Instant
from headroom.domain.zones import UTC_ZONE, offset

DAY = 86400
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""In the order of Python's `weekday`, and of operators' text."""

_SLOTS = DAY // WINDOW
_WEEK = len(DAYS) * _SLOTS
_INACTIVE, _TODAY, _YESTERDAY = range(3)
"""What a slot of the week belongs to: nothing, a range of its own day, one of the day before."""
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_WEEKDAY = 3
"""1970 began on a Thursday."""


def start_of(day: date) -> Instant:
    """Midnight UTC."""
    return (day.toordinal() - _EPOCH) * DAY


@dataclass(frozen=True, slots=True)
class Range:
    """Hours of some days of the week; from `end` <= `begin` on, it ends on the next day."""

    text: str
    """As the operator wrote it, on one line."""
    days: frozenset[int]
    """0 is Monday."""
    begin: int
    """Seconds after local midnight, by the clock on the wall; whole windows."""
    end: int
    """The same, exclusive; at most 24 hours."""

    def slots(self) -> Iterator[tuple[int, int]]:
        """Its windows of the week, from Monday 00:00 on, and which day each belongs to."""
        length = (self.end - self.begin) % DAY or DAY
        for day in self.days:
            for second in range(self.begin, self.begin + length, WINDOW):
                slot = (day * _SLOTS + second // WINDOW) % _WEEK
                yield slot, _TODAY if second < DAY else _YESTERDAY


@lru_cache(maxsize=256)
def overlap(ranges: tuple[Range, ...]) -> tuple[Range, Range] | None:
    """Two ranges that have a window in common; None: there are none."""
    windows = [(each, {slot for slot, _ in each.slots()}) for each in ranges]
    for (one, ones), (other, others) in combinations(windows, 2):
        if ones & others:
            return one, other
    return None


@lru_cache(maxsize=256)
def longest(ranges: tuple[Range, ...]) -> int:
    """The most windows that ranges have without a break; those of a week where there is none."""
    active = [belongs != _INACTIVE for belongs in _week(ranges)]
    if all(active):
        return _WEEK
    runs = (len([*run]) for on, run in groupby(active + active) if on)  # a stretch may cross Sunday
    return max(runs, default=0)


@dataclass(frozen=True)
class Hours:
    """When a rule is active: windows outside are not counted at all."""

    zone: str = UTC_ZONE
    """The IANA name of the time zone in which hours and holidays are meant."""
    ranges: tuple[Range, ...] = ()
    """None of them overlap; empty: active around the clock."""
    holidays: frozenset[date] = frozenset()
    """Local dates on which no range begins and, without ranges, nothing is active."""

    def active(self, window: Instant) -> bool:
        """Whether a rule is judged in this window."""
        if not self.ranges and not self.holidays:
            return True
        day, second = divmod(window + offset(self.zone, window), DAY)
        belongs = self._week[(day + _EPOCH_WEEKDAY) % 7 * _SLOTS + second // WINDOW]
        return bool(belongs) and day - (belongs == _YESTERDAY) not in self._holidays

    def is_holiday(self, window: Instant) -> bool:
        """Whether the window starts on a holiday by the local calendar, active or not."""
        if not self.holidays:
            return False
        return (window + offset(self.zone, window)) // DAY in self._holidays

    @cached_property
    def _week(self) -> bytes:
        return _week(self.ranges)

    @cached_property
    def _holidays(self) -> frozenset[int]:
        """As days since 1970."""
        return frozenset(start_of(each) // DAY for each in self.holidays)


@lru_cache(maxsize=256)  # a thousand projects have the same few
def _week(ranges: tuple[Range, ...]) -> bytes:
    """What each local window of the week belongs to, from Monday 00:00 on."""
    week = bytearray([_INACTIVE if ranges else _TODAY]) * _WEEK
    for each in ranges:
        for slot, belongs in each.slots():
            week[slot] = belongs
    return bytes(week)


ALWAYS = Hours()
"""Around the clock, in UTC, without holidays."""
