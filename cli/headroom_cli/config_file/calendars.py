"""Public holidays: names of calendars become dates here, since nothing in Lambda knows them.

The package `holidays` is read only where a file names a calendar; it takes 0.1 s to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import cache

from headroom.config.hours import UnknownCalendar
from headroom.config.raw import RawConfig, RawEntry
from headroom.config.wording import named, shown
from headroom.domain.conditions import NotUnderstood
from headroom.domain.formatting import among
from headroom.domain.hours_text import holiday

_YEARS = 2
"""Whole years ahead. A push within the same year writes the same dates, and so changes nothing."""
_BACK = timedelta(weeks=6)
"""Days before this year that count, since usual looks back on five weeks."""
_SHOWN = 20
_NEAR = 0.8
"""How alike two names are, at least, of which one may have been meant: three letters are not."""


def utc_today() -> date:
    """The day by the system's clock."""
    return datetime.now(UTC).date()


def last_day(today: date) -> date:
    """Until when the dates of calendars are written."""
    return date(today.year + _YEARS, 12, 31)


def with_dates(document: RawConfig, today: date) -> RawConfig:
    """The same with dates in place of the names of calendars, in every rule that has holidays."""
    projects = {name: _dated(entry, today) for name, entry in document.projects.items()}
    groups = {name: _dated(entry, today) for name, entry in document.groups.items()}
    return replace(document, projects=projects, groups=groups)


def holiday_names(written: object, today: date) -> dict[date, str]:
    """What the days of the calendars in a rule's list are called: `Christmas Day`."""
    found: dict[date, str] = {}
    for name in filter(None, map(_calendar, _listed(written))):
        if isinstance(days := _named(name, today), Mapping):
            found |= days
    return found


def _dated(entry: RawEntry, today: date) -> RawEntry:
    content = entry.content
    rules = content.get("rules") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(rules, dict):
        return entry
    dated = {
        name: _rule(rule, today) if isinstance(rule, dict) and rule.get("holidays") else rule
        for name, rule in rules.items()
    }
    return entry if dated == rules else replace(entry, content={**content, "rules": dated})


def _rule(rule: Mapping[object, object], today: date) -> Mapping[object, object]:
    listed = _listed(rule["holidays"])
    calendars = [name for name in map(_calendar, listed) if name]
    if not calendars:
        return rule
    named = [_named(name, today) for name in calendars]
    unknown = [each for each in named if isinstance(each, UnknownCalendar)]
    known = {day.isoformat() for each in named if isinstance(each, Mapping) for day in each}
    own = [each for each in listed if not _calendar(each)]
    dates = [*own, *unknown, *sorted(day for day in known if day not in own)]
    return {**rule, "holidays": dates, "holidays_until": last_day(today).isoformat()}


def _listed(written: object) -> list[object]:
    return written if isinstance(written, list) else [written]


def _calendar(written: object) -> str:
    """The name of a calendar, '' for anything else, right or wrong."""
    if not isinstance(written, str):
        return ""
    try:
        return holiday(written).calendar
    except NotUnderstood:
        return ""


@cache
def _named(name: str, today: date) -> Mapping[date, str] | UnknownCalendar:
    from holidays import country_holidays  # noqa: PLC0415 (loads slowly)

    if name not in _calendars():
        return UnknownCalendar(f"there is no calendar {shown(name)}: {_meant(name)}")
    country, _, part = name.partition("-")
    last = last_day(today)
    first = date(today.year, 1, 1) - _BACK
    years = range(first.year, last.year + 1)
    found = country_holidays(country, subdiv=part or None, years=years, language="en_US")
    return {day: found[day] for day in sorted(found) if day >= first}


@cache
def _calendars() -> frozenset[str]:
    """Countries by their two letters, and their parts: `GB`, `GB-ENG`."""
    from holidays import list_supported_countries  # noqa: PLC0415 (as above)

    countries = list_supported_countries(include_aliases=False)
    parts = {f"{country}-{part}" for country, each in countries.items() for part in each}
    return frozenset([*countries, *parts])


def _meant(name: str) -> str:
    """The nearest calendar, or those of the country if it exists."""
    country, _, part = name.upper().partition("-")
    known = sorted(each for each in _calendars() if each.partition("-")[0] == _code(country))
    wanted = "-".join(filter(None, [_code(country), part]))
    spelt = {each.upper(): each for each in known}
    if found := get_close_matches(wanted, list(spelt), n=1, cutoff=_NEAR):
        return f'did you mean "{named(spelt[found[0]])}"?'
    return f"there are {among(known, _SHOWN)}" if known else "give one such as GB-ENG, DE-BY or US"


def _code(country: str) -> str:
    """The two letters of a country that is written in another way: `UK`, `USA`."""
    from holidays import country_holidays, list_supported_countries  # noqa: PLC0415 (as above)

    known = list_supported_countries(include_aliases=True)
    return str(country_holidays(country).country) if country in known else country
