"""Rules of usual and of the trend, and the weeks that usual is worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from tests.simulation.facts import Edit, ProjectFacts, RuleFacts, Series
from tests.simulation.scenarios.edits import MISSING, QUERIES, REMINDERS, REPEATS
from tests.simulation.scenarios.scenario import Bump, Fault, Outage, Past

MINUTE, HOUR, DAY, WINDOW = 60, 3600, 86400, 300
WEEK = 7 * DAY
SHARE, TREND, KNOWN, HOLIDAYS, LATER = 0.3, 0.5, 0.8, 0.3, 0.15
"""The share of scenarios with any; of projects with a trend; of those whose weeks are read; of
rules with a holiday in these weeks; of queries whose weeks are read in the scenario."""
LONGEST = 5 * DAY
"""Seconds of a scenario: a longer one would be part of its own usual."""
UNUSUAL, TREND_RULE = "unusual", "filling-up"


@dataclass(frozen=True)
class WithUsual:
    """What is added to a scenario."""

    edits: list[Edit]
    pasts: tuple[Past, ...] = ()
    outages: tuple[Outage, ...] = ()
    bumps: tuple[Bump, ...] = ()


def with_usual(
    dice: Random,
    written: Sequence[Edit],
    series: Sequence[Series],
    *,
    zone: str,
    began: int,
    calm: int,
    ended: int,
) -> WithUsual:
    """Add rules to some projects, with what was read of the weeks before."""
    if dice.random() >= SHARE or ended - began > LONGEST:
        return WithUsual(list(written))
    names = sorted({each.project for each in written})
    rules = {name: tuple(_rules(dice, zone, began)) for name in names if dice.random() < 0.6}
    edits = [_more(dice, each, rules.get(each.project, ())) for each in written]
    asked = sorted({(name, rule.query) for name, mine in rules.items() for rule in mine})
    pasts: list[Past] = []
    bumps: list[Bump] = []
    for query in asked:
        made = tuple(_made(dice, began, calm))
        for each in (each for each in series if each[:2] == query):
            if dice.random() < 0.7:
                bumps += _ramps(dice, each, began, ended)
            if made:
                pasts.append(_past(dice, each, made, began, ended))
    outages = tuple(_outages(dice, sorted(rules), began, calm))
    return WithUsual(edits, tuple(pasts), outages, tuple(bumps))


def _more(dice: Random, edit: Edit, rules: Sequence[RuleFacts]) -> Edit:
    """The same with these rules, some of them with other numbers."""
    if not isinstance(edit.now, ProjectFacts) or not rules:
        return edit
    again = [_numbers(dice, each) if dice.random() < 0.2 else each for each in rules]
    return replace(edit, now=replace(edit.now, rules=(*edit.now.rules, *again)))


def _rules(dice: Random, zone: str, began: int) -> Iterator[RuleFacts]:
    trend = dice.random() < TREND
    if not trend or dice.random() < 0.5:
        upper = dice.random() < 0.5
        rule = RuleFacts(
            UNUSUAL,
            dice.choice(QUERIES),
            upper=upper,
            warning=0,
            critical=0,
            zone=zone,
            of_usual=True,
        )
        holiday = dice.random() < HOLIDAYS
        holidays = (_day(began - dice.randint(1, 4) * WEEK),) if holiday else ()
        missing, remind = dice.choice(MISSING), dice.choice(REMINDERS)
        yield _numbers(dice, replace(rule, holidays=holidays, missing=missing, remind=remind))
    if trend:
        within = dice.choice([600, 1800, 1800, 3600, 7200])
        missing = dice.choice(["zero", "zero", "zero", "ignore", "breach"])
        rule = RuleFacts(
            TREND_RULE,
            dice.choice(QUERIES),
            upper=True,
            warning=0,
            critical=0,
            zone=zone,
            within=within,
        )
        yield _numbers(dice, replace(rule, missing=missing, remind=dice.choice(REMINDERS)))


def _numbers(dice: Random, rule: RuleFacts) -> RuleFacts:
    needed, among = dice.choice(
        REPEATS if rule.within else ((3, 3), (3, 3), (1, 1), (2, 3), (2, 5))
    )
    margin = dice.choice([0, 0, 5] if rule.within else [0, 0, 10, 20])
    if rule.within:
        warning, critical = dice.choice([(70, 95), (64, 98), (85, 100)])
    elif rule.upper:
        warning, critical = dice.choice([(130, 200), (150, 250), (150, 180)])
    else:
        warning, critical = dice.choice([(60, 20), (40, 10), (50, 0)])
    one = dice.random()
    return replace(
        rule,
        warning=None if one < 0.15 else warning,
        critical=None if one > 0.85 else critical,
        needed=needed,
        among=among,
        margin=margin,
    )


def _made(dice: Random, began: int, calm: int) -> Iterator[int]:
    """When its weeks were read: before the scenario, or in it, and again; never, perhaps."""
    if dice.random() < KNOWN:
        later = dice.random() < LATER
        yield dice.randint(began, calm) if later else began - dice.randint(HOUR, 26 * HOUR)
        for _ in range(dice.choice([0, 1, 2])):
            yield dice.randint(began, calm)


def _past(dice: Random, series: Series, made: tuple[int, ...], began: int, ended: int) -> Past:
    """Weeks with holes and incidents, of a line that is new, perhaps."""
    holes = [_span(dice, began, ended, back) for back in range(1, 5) if dice.random() < 0.3]
    if dice.random() < 0.3:  # at the same time of three weeks
        first, last = _span(dice, began, ended, 1)
        holes += [(first - back * WEEK, last - back * WEEK) for back in range(3)]
    fired = tuple(
        (*_span(dice, began, ended, back), dice.choice([0, 3, 70, 120]))
        for back in range(1, 5)
        if dice.random() < 0.3
    )
    new = dice.random() < 0.15
    begun = began - dice.choice([DAY, 10 * DAY, 17 * DAY]) if new else 0
    return Past(series, made, tuple(holes), fired, begun // WINDOW * WINDOW, dice.choice([0, None]))


def _span(dice: Random, began: int, ended: int, back: int) -> tuple[int, int]:
    """Some hours of the scenario, so many weeks back."""
    first = dice.randint(began - HOUR, ended) // WINDOW * WINDOW - back * WEEK
    return first, first + dice.choice([2, 6, 24, 72]) * WINDOW


def _ramps(dice: Random, series: Series, began: int, ended: int) -> Iterator[Bump]:
    """Calls that rise steadily for up to two hours, then stay or fall off."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randint(began, max(began, ended - HOUR)) // WINDOW * WINDOW
        step, length = dice.choice([2, 3, 5, 9]), dice.randint(5, 20)
        up = [20 + step * place + dice.randint(-2, 2) for place in range(length)]
        values = [min(max(each, 0), 125) for each in up]
        yield Bump(series, at, (*values, *values[-1:] * dice.choice([0, 3, 12])))


def _outages(dice: Random, projects: Sequence[str], began: int, calm: int) -> Iterator[Outage]:
    """Stored weeks that cannot be read: the store fails, or one of them is cut off."""
    for operation in ("baseline", "cut off"):
        if projects and dice.random() < 0.4 and calm > began + 2 * HOUR:
            begins = dice.randint(began + HOUR // 2, calm)
            who = "" if operation == "baseline" else dice.choice(projects)
            ends = min(calm, begins + dice.randint(MINUTE, dice.choice([HOUR // 2, 4 * HOUR])))
            yield Outage(operation, who, begins, ends, Fault("throttled", 0.5))


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).date().isoformat()
