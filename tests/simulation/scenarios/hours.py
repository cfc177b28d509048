"""Rules with hours: they begin and end while things happen, also where clocks change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tests.simulation.facts import Edit, ProjectFacts, RuleFacts

MINUTE, HOUR, WINDOW = 60, 3600, 300
WEEK = 7 * 24 * HOUR
SHARE, CHANGING, EDITED, HOLIDAYS = 0.3, 0.5, 0.4, 0.25
"""The share of scenarios with hours; of these with a change of clocks, with an edit of hours; of
hours with a holiday."""
ZONES = ("UTC", "UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Chatham")
CHANGES = (
    ("Europe/London", 1792890000),  # 2026-10-25T01:00Z, back
    ("Europe/London", 1806195600),  # 2027-03-28T01:00Z, forward
    ("America/New_York", 1793512800),  # 2026-11-01T06:00Z, back
    ("America/New_York", 1805007600),  # 2027-03-14T07:00Z, forward
    ("Australia/Sydney", 1791043200),  # 2026-10-03T16:00Z, forward
    ("Pacific/Chatham", 1790431200),  # 2026-09-26T14:00Z, forward
)
DAYS = (None, None, None, "Mon-Fri", "Sat,Sun", "Sat-Mon")


@dataclass(frozen=True)
class Calendar:
    """The time zone of a scenario's rules, and the change of clocks that it begins before."""

    zone: str
    change: int | None = None

    def moved(self, dice: Random, began: int) -> int:
        """Give the beginning of the scenario, moved to shortly before the change, if there is one.

        Or some weeks later, when usual is of before and after. Windows begin as they did.
        """
        if self.change is None:
            return began
        first = self.change - dice.randint(1, 25) * WINDOW + began % WINDOW
        return first + dice.choice([0, 0, 0, 1, 2, 3]) * WEEK


def calendar(dice: Random) -> Calendar | None:
    """Draw whether a scenario has hours, and where."""
    if dice.random() >= SHARE:
        return None
    return (
        Calendar(*dice.choice(CHANGES))
        if dice.random() < CHANGING
        else Calendar(dice.choice(ZONES))
    )


def with_hours(
    dice: Random, here: Calendar | None, written: Sequence[Edit], checks: Sequence[int], calm: int
) -> list[Edit]:
    """Give hours to some rules for good, and edit those of one project once, perhaps."""
    if here is None:
        return list(written)
    near = [each for each in checks if here.change and abs(each - here.change) < 6 * HOUR]
    busy = near or list(checks)
    names = sorted(
        {
            (e.project, r.name)
            for e in written
            if isinstance(e.now, ProjectFacts)
            for r in e.now.rules
        }
    )
    hours = {name: _hours(dice, here.zone, busy) for name in names if dice.random() < 0.6}
    found = [_timed(each, hours) for each in written]
    if hours and dice.random() < EDITED:
        project, _ = dice.choice(sorted(hours))
        other = {name: _hours(dice, here.zone, busy) for name in hours if name[0] == project}
        found = _edited(found, project, other, dice.choice(checks), calm)
    return found


def _edited(
    written: list[Edit], project: str, hours: dict[tuple[str, str], RuleFacts], at: int, calm: int
) -> list[Edit]:
    """The same with other hours in one project from an instant on."""
    mine = [each for each in written if each.project == project]
    before = max((each for each in mine if each.at < at), key=lambda each: each.at, default=None)
    taken = any(abs(each.at - at) < MINUTE for each in mine)
    if before is None or taken or not isinstance(before.now, ProjectFacts) or at > calm - MINUTE:
        return written
    later = [_timed(e, hours) if e.project == project and e.at > at else e for e in written]
    return [*later, _timed(replace(before, at=at), hours)]


def _timed(edit: Edit, hours: dict[tuple[str, str], RuleFacts]) -> Edit:
    if not isinstance(edit.now, ProjectFacts):
        return edit
    rules = tuple(_rule(each, hours.get((edit.project, each.name))) for each in edit.now.rules)
    return replace(edit, now=replace(edit.now, rules=rules))


def _rule(rule: RuleFacts, like: RuleFacts | None) -> RuleFacts:
    if like is None:
        return rule
    too_short = like.during and max(map(_length, like.during)) < rule.needed * WINDOW
    during = () if too_short else like.during  # it could never fire: refused
    return replace(rule, during=during, holidays=(*rule.holidays, *like.holidays), zone=like.zone)


def _length(hours: str) -> int:
    """Seconds of one range, by the clock on the wall."""
    begin, end = (int(each[:2]) * 3600 + int(each[3:]) * MINUTE for each in hours[-11:].split("-"))
    return (end - begin) % (24 * 3600) or 24 * 3600


def _hours(dice: Random, zone: str, checks: Sequence[int]) -> RuleFacts:
    """Hours that begin and end near checks, by the local clock, in a rule of no other use."""
    local = [_local(each - dice.randint(0, 3) * WINDOW, zone) for each in dice.choices(checks, k=4)]
    days = dice.choice(DAYS)
    holidays: tuple[str, ...] = ()
    if dice.random() < HOLIDAYS:
        day = local[0].date() + timedelta(days=dice.choice([0, 0, 1]))
        holidays = (day.isoformat(),)
    times = sorted({f"{each:%H:%M}" for each in local})
    if len(times) == 4 and dice.random() < 0.5:
        ranges = [times[:2], times[2:]]
    else:
        first, last = f"{local[0]:%H:%M}", f"{local[1]:%H:%M}"
        ranges = [[first, last if last != first else f"{local[0] + timedelta(hours=1):%H:%M}"]]
    during = tuple(f"{days} {a}-{b}" if days else f"{a}-{b}" for a, b in ranges)
    if holidays and dice.random() < 0.3:
        during = ()
    return RuleFacts(
        "", "", upper=True, warning=None, critical=None, during=during, holidays=holidays, zone=zone
    )


def _local(instant: int, zone: str) -> datetime:
    return datetime.fromtimestamp(instant - instant % WINDOW, ZoneInfo(zone))
