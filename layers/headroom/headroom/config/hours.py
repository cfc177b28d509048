"""Hours, holidays and time zones as operators write them.

Parameter Store holds dates only. The command turns the names of calendars into dates, and leaves an
`UnknownCalendar` where it knows none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated

from headroom.config.pasted import pasted
from headroom.config.types import parsed, parser, text
from headroom.config.wording import kind_of, named, near, shown
from headroom.domain.hours import Range, overlap
from headroom.domain.hours_text import holiday, hours
from headroom.domain.zones import UTC_ZONE, names

MOST = 400
"""Entries of one list: a day each, for more than a year."""
_HOURS = "Mon-Fri 08:00-20:00"
_DATE = "2026-12-24"
_ZONE = "Europe/London"
_PUSH = (
    "is the name of a calendar, and Parameter Store holds dates: write the rule in a file and run "
    "`headroom push`, which knows the dates"
)


@dataclass(frozen=True, slots=True)
class UnknownCalendar:
    """In a list of holidays, in place of a name that the command could not turn into dates."""

    why: str
    """One sentence, with the name and the calendar that may have been meant."""


def during(value: object) -> tuple[Range, ...]:
    """One range of hours, or a list of them."""
    ranges = tuple(map(parsed(hours, _HOURS), _entries(value, _HOURS)))
    if found := overlap(ranges):
        one, other = (shown(each.text) for each in found)
        raise ValueError(f"{one} and {other} overlap: give each hour once")
    return ranges


def holidays(value: object) -> frozenset[date]:
    """Dates, and ranges of dates: one text, or a list of them."""
    entries = _entries(value, _DATE)
    if all(isinstance(each, str) for each in entries):
        return _days(tuple(map(str, entries)))
    return frozenset[date]().union(*map(_dates, entries))


@lru_cache(maxsize=256)  # a thousand projects have the same few calendars, of forty days each
def _days(entries: tuple[str, ...]) -> frozenset[date]:
    return frozenset[date]().union(*map(_dates, entries))


def _dates(written: object) -> frozenset[date]:
    if isinstance(written, UnknownCalendar):
        raise ValueError(written.why)  # noqa: TRY004 -- pydantic takes ValueErrors
    if written is False:
        raise ValueError('YAML reads NO without quotes as false: for Norway write "NO"')
    found = parsed(holiday, _DATE)(written)
    if found.calendar:
        raise ValueError(f"{shown(found.calendar)} {_PUSH}")
    return found.dates


def _entries(value: object, example: str) -> list[object]:
    """One value, or a list of them."""
    entries = value if isinstance(value, list) else [value]
    if not entries:
        raise ValueError("the list is empty: write at least one, or leave the key out")
    if len(entries) > MOST:
        raise ValueError(f"expected at most {MOST} entries, found {len(entries):,}")
    if wrong := [each for each in entries if isinstance(each, dict | list)]:
        raise ValueError(f'expected text such as "{example}", found {kind_of(wrong[0])}')
    return entries


def timezone(value: object) -> str:
    """The IANA name of a time zone."""
    name = pasted(text(value, _ZONE))
    if name in names():
        return name
    meant = _meant(name)
    hint = f'did you mean "{named(meant)}"?' if meant else f"expected a name such as {_ZONE}"
    raise ValueError(f"there is no time zone {shown(name)}: {hint}")


def _meant(name: str) -> str:
    """The zone that is nearest by its whole name, or by its city; '' where none is."""
    known = [each for each in names() if "/" in each and not each.startswith("Etc/")]
    cities = {each.rsplit("/", 1)[1]: each for each in sorted(known)}
    return near(name, [*known, UTC_ZONE]) or cities.get(near(name.replace(" ", "_"), cities), "")


def last_day(value: object) -> date:
    """The day until which the dates of calendars are known."""
    written = text(value, _DATE)
    try:
        return date.fromisoformat(written)
    except ValueError:
        problem = f"expected a date such as {_DATE}, found {shown(written)}"
    raise ValueError(problem)


_TIME = "[0-9]{1,2}:[0-9]{2}"
_DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_RANGE = rf"^\s*({_DAY}(\s*[-,]\s*{_DAY})*\s+)?{_TIME}\s*-\s*{_TIME}\s*$"
_DAY_OF_YEAR = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOLIDAY = (
    rf"^\s*({_DAY_OF_YEAR}(\s+to\s+{_DAY_OF_YEAR})?|[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)?)\s*$"
)


def _one_or_more(pattern: str, *examples: str) -> dict[str, object]:
    one = {"type": "string", "pattern": pattern, "examples": list(examples)}
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}]}


During = Annotated[
    tuple[Range, ...],
    *parser(during, **_one_or_more(_RANGE, _HOURS, "Sat,Sun 10:00-16:00", "22:00-06:00")),
]
Holidays = Annotated[
    frozenset[date],
    *parser(holidays, **_one_or_more(_HOLIDAY, "GB-ENG", _DATE, f"{_DATE} to 2026-12-31")),
]
LastDay = Annotated[
    date | None, *parser(last_day, type="string", pattern=f"^{_DAY_OF_YEAR}$", examples=[_DATE])
]
Timezone = Annotated[
    str,
    *parser(timezone, type="string", pattern="^[A-Za-z0-9_+/-]+$", examples=[_ZONE, "UTC"]),
]
