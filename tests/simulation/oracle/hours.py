"""When a rule is active, by what its operator wrote (DESIGN 3: during, holidays)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.simulation.facts import RuleFacts, Window

OUTSIDE_HOURS = "outside hours"
"""Why an incident ends at the first window that is not active."""
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RANGE = re.compile(r"(?:([A-Za-z,-]+) )?(\d\d:\d\d)-(\d\d:\d\d)")


def active(rule: RuleFacts, window: Window) -> bool:
    """Whether the local time at which the window starts lies in the rule's hours."""
    if not rule.during and not rule.holidays:
        return True
    return _active(rule.during, rule.holidays, rule.zone, window)


@lru_cache(maxsize=65536)
def _active(during: tuple[str, ...], holidays: tuple[str, ...], zone: str, window: Window) -> bool:
    local = datetime.fromtimestamp(window, ZoneInfo(zone))
    if not during:
        return local.date().isoformat() not in holidays
    return any(day.isoformat() not in holidays for day in _begun_on(during, local))


def _begun_on(during: tuple[str, ...], local: datetime) -> Iterator[date]:
    """The days on which hours began that go on at this local time.

    A night belongs to the day that it begins on, and so does the holiday.
    """
    now, today = f"{local:%H:%M}", local.date()
    for text in during:
        found = _RANGE.fullmatch(text)
        assert found, text
        days, begins, ends = found[1], found[2], found[3]
        crosses = ends <= begins
        if now >= begins and (crosses or now < ends) and _on(days, today):
            yield today
        yesterday = today - timedelta(days=1)
        if crosses and now < ends and _on(days, yesterday):
            yield yesterday


def _on(days: str | None, day: date) -> bool:
    """Whether it is one of the days: `Mon-Fri`, `Sat,Sun`; None: every day."""
    if days is None:
        return True
    wanted: set[int] = set()
    for part in days.split(","):
        first, _, last = part.partition("-")
        at = _DAYS.index(first)
        wanted.add(at)
        while last and _DAYS[at] != last:
            at = (at + 1) % len(_DAYS)
            wanted.add(at)
    return day.weekday() in wanted
