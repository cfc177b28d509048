"""Edits that are reverted: an incident that they closed may fire again, on the same window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.facts import Edit, ProjectFacts, RuleFacts
from tests.simulation.scenarios.scenario import Bump

MINUTE, HOUR, WINDOW = 60, 3600, 300
SHARE = 0.25
"""The share of scenarios that has any."""
TTL = 60
"""Seconds that an instance keeps the configuration at most, or it would see nothing of them."""
SORTS = ("removed", "removed", "removed", "removed", "rule removed", "query", "direction")
SOON, LATER, LATE = (MINUTE, 4 * MINUTE), (4 * MINUTE, 30 * MINUTE), (30 * MINUTE, 3 * HOUR)
PLAIN = RuleFacts("rule-8", "all", upper=True, warning=None, critical=95)
"""In place of the only rule."""


def reverted(
    dice: Random, written: Sequence[Edit], checks: Sequence[int], calm: int
) -> tuple[list[Edit], list[Bump]]:
    """Something of one project is changed just as a rule of it fires, and is put back: often."""
    found: list[Edit] = []
    fires: list[Bump] = []
    project = dice.choice(written).project
    times = dice.randint(2, 8) if dice.random() < SHARE else 0
    for first in sorted(dice.choices(checks, k=times)):
        at = first + dice.randint(MINUTE, WINDOW + MINUTE)
        back = at + dice.randint(*dice.choice([SOON, SOON, SOON, LATER, LATER, LATE]))
        mine = [each for each in (*written, *found) if each.project == project]
        meanwhile = any(at <= each.at <= back for each in mine)
        now = max((each for each in mine if each.at < at), key=lambda each: each.at, default=None)
        if back > calm - MINUTE or meanwhile or now is None:
            continue
        if isinstance(now.now, ProjectFacts):
            rule = dice.choice(now.now.rules)
            fires.append(_fires(dice, project, rule, first))
            found += [Edit(at, project, _changed(dice, now.now, rule)), replace(now, at=back)]
    return found, fires


def _fires(dice: Random, project: str, rule: RuleFacts, first: int) -> Bump:
    """What lets it fire, as often as it has to, and longer."""
    series = project, rule.query, "VARIANT-1" if rule.query == "by variant" else ""
    begins = first - first % WINDOW - (rule.needed - 1) * WINDOW
    values = (120 if rule.upper else 0,) * (rule.needed + dice.randint(0, 6))
    return Bump(series, begins, values)


def _changed(dice: Random, now: ProjectFacts, rule: RuleFacts) -> ProjectFacts | None:
    sort = dice.choice(SORTS)
    if sort == "removed":
        return None
    others = tuple(each for each in now.rules if each is not rule)
    if sort == "rule removed":
        return replace(now, rules=others or (PLAIN,))
    if sort == "query":
        query = "language=es-ES" if rule.query == "all" else "all"
        return replace(now, rules=(replace(rule, query=query), *others))
    upper = not rule.upper
    warning, critical = (70, 90) if upper else (5, 0)
    turned = replace(rule, upper=upper, warning=warning, critical=critical)
    return replace(now, rules=(turned, *others))
