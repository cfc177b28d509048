"""The words of hours and holidays, from text to values; a refusal is as those of `conditions`.

- A range of hours: `[DAYS] HH:MM-HH:MM`. DAYS are `Mon-Fri`, `Sat,Sun` or both; without them the
  hours are of every day. An end that is not after the beginning is on the next day.
- A holiday: a date `2026-12-24`, some days `2026-12-24 to 2026-12-31`, or a calendar's name
  `GB-ENG`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache

from headroom.domain.conditions import _Scanner
from headroom.domain.hours import DAY, DAYS, Range

_EXAMPLE = "hours such as 08:00-20:00 or Mon-Fri 08:00-20:00"
_WORD = re.compile(r"[A-Za-z]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?![0-9:])")
_HOURS = "a time such as 08:00"
_AFTER_DAYS = f"{_HOURS} (in a list, days with commas need quotes)"
_ONE_OF = "a day, one of " + " ".join(DAYS)
_MORE = 'nothing more: write several as a list, such as ["08:00-12:00", "13:00-17:00"]'
_EVERY_DAY = "these are all days: for every day leave the days out, as in 08:00-20:00"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_CALENDAR = re.compile(r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)?\Z")
_LONGEST = 366
"""Days from one date to another: more is a mistake in the year."""
_MONTHS = 12
_HOUR = 60
_MINUTES = 5


@lru_cache(maxsize=512)  # a thousand projects have the same few
def hours(text: str) -> Range:
    """Parse `Mon-Fri 08:00-20:00`. Raises NotUnderstood."""
    scan = _Scanner(text)
    days = _days(scan)
    at = scan.at
    begin = _time(scan, _AFTER_DAYS if days else _EXAMPLE)
    if begin == DAY:
        raise scan.error(at, "hours begin before 24:00: write 00:00")
    scan.need("-", '"-" and a second time, as in 08:00-20:00')
    end = _time(scan, _HOURS)
    if end == begin:
        raise scan.error(at, "these hours are empty: for a whole day write 00:00-24:00")
    scan.end(_MORE if scan.maybe(",") else "the end")
    return Range(" ".join(text.split()), days or frozenset(range(len(DAYS))), begin, end)


def _days(scan: _Scanner) -> frozenset[int]:
    """The days that are written; empty: none are."""
    at = scan.at
    found: frozenset[int] = frozenset()
    more = bool(_WORD.match(scan.text, at))
    while more:
        here = scan.at
        some = _span(scan)
        if twice := found & some:
            raise scan.error(here, f"{DAYS[min(twice)]} is given twice")
        found |= some
        more = bool(scan.maybe(","))
    if len(found) == len(DAYS):
        raise scan.error(at, _EVERY_DAY)
    return found


def _span(scan: _Scanner) -> frozenset[int]:
    """One day, or those from one to another, over Sunday too."""
    at = scan.at
    first = _day(scan)
    if not scan.maybe("-"):
        return frozenset([first])
    last = _day(scan)
    if last == first:
        raise scan.error(at, f"from a day to itself: write {DAYS[first]}")
    week = len(DAYS)
    return frozenset(day % week for day in range(first, first + (last - first) % week + 1))


def _day(scan: _Scanner) -> int:
    at = scan.at
    word = scan.need(_WORD, _ONE_OF)
    if word in DAYS:
        return DAYS.index(word)
    short = word[:3].capitalize()
    raise scan.error(at, f"write {short}" if short in DAYS else f"expected {_ONE_OF}")


def _time(scan: _Scanner, expected: str) -> int:
    at = scan.at
    written = scan.need(_TIME, expected)
    hour, minute = map(int, written.split(":"))
    if minute >= _HOUR or hour * _HOUR + minute > 24 * _HOUR:
        raise scan.error(at, f"expected 00:00 to 24:00, found {written}")
    if rest := minute % _MINUTES:
        low = hour * _HOUR + minute - rest
        near = " or ".join(f"{m // _HOUR:02}:{m % _HOUR:02}" for m in (low, low + _MINUTES))
        raise scan.error(at, f"a window has {_MINUTES} minutes: write {near}")
    return (hour * _HOUR + minute) * 60


@dataclass(frozen=True, slots=True)
class Holiday:
    """One entry of a rule's holidays: some days, or the name of a public calendar."""

    dates: frozenset[date] = frozenset()
    calendar: str = ""


@lru_cache(maxsize=4096)
def holiday(text: str) -> Holiday:
    """Parse `2026-12-24`, `2026-12-24 to 2026-12-31` or `GB-ENG`. Raises NotUnderstood."""
    scan = _Scanner(text)
    if name := scan.maybe(_CALENDAR):
        return Holiday(calendar=name)
    first = _date(scan)
    last = first
    if scan.maybe(r"to\b"):
        at = scan.at
        last = _date(scan)
        if not 0 < (last - first).days < _LONGEST:
            raise scan.error(at, f"expected a day after {first} and within a year of it")
    scan.end('"to" and another date, or the end')
    days = range((last - first).days + 1)
    return Holiday(frozenset(first + timedelta(days=day) for day in days))


def _date(scan: _Scanner) -> date:
    at = scan.at
    written = scan.need(_DATE, "a date such as 2026-12-24, or a calendar such as GB-ENG")
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise scan.error(at, f"there is no {written} in the calendar{_last(written)}") from None


def _last(written: str) -> str:
    """The last day of its month, which was perhaps meant."""
    year, month, _ = map(int, written.split("-"))
    if not (MINYEAR <= year <= MAXYEAR and 1 <= month <= _MONTHS):
        return ""
    return f": the last day of that month is {year:04}-{month:02}-{monthrange(year, month)[1]}"
