"""Invalid configuration: a rule, a channel or the defaults, while alerts fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.simulation.facts import Edit, InvalidParameter, ProjectFacts
from tests.simulation.scenarios.scenario import Fault, Outage

MINUTE, HOUR = 60, 3600
SHARE = 0.3
"""The share of scenarios that has any."""
LASTING = 0.4
"""The share of them that is never fixed."""
SHARED = ("channels/ops-slack", "channels/duty-chat", "channels/on-call", "defaults")


def broken_rules(dice: Random, written: Sequence[Edit], began: int, calm: int) -> Iterator[Edit]:
    """One rule of a project is invalid, and is fixed later, or never."""
    if dice.random() >= SHARE:
        return
    at = dice.randint(began + MINUTE, calm - HOUR // 2)
    project = dice.choice(written).project
    mine = [each for each in written if each.project == project]
    now = max((each for each in mine if each.at < at), key=lambda each: each.at, default=None)
    if now is None or not isinstance(now.now, ProjectFacts):
        return
    later = min((each.at for each in mine if each.at >= at), default=None)
    back = at + dice.randint(2 * MINUTE, dice.choice([20 * MINUTE, 6 * HOUR]))
    chosen = dice.randrange(len(now.now.rules))
    rules = tuple(replace(rule, broken=place == chosen) for place, rule in enumerate(now.now.rules))
    yield Edit(at, project, replace(now.now, rules=rules))
    if later is None and dice.random() >= LASTING:
        yield Edit(min(back, calm - MINUTE), project, now.now)


def invalid_parameters(dice: Random, began: int, calm: int) -> Iterator[InvalidParameter]:
    """A parameter that projects share is invalid or deleted for a time."""
    if dice.random() >= SHARE:
        return
    part = dice.choice(SHARED)
    at = dice.randint(began + MINUTE, calm - HOUR // 2)
    until = min(calm - MINUTE, at + dice.randint(2 * MINUTE, dice.choice([HOUR, 26 * HOUR])))
    gone = part != "defaults" and dice.random() < 0.6
    lasting = not gone and dice.random() < LASTING
    yield InvalidParameter(at, None if lasting else until, part, deleted=gone)


def without_history(dice: Random, began: int, calm: int) -> Iterator[Outage]:
    """Earlier versions cannot be read for a time."""
    if dice.random() < SHARE / 2:
        begins = dice.randint(began, calm)
        fault = Fault(dice.choice(["throttled", "lost before"]), 0.5)
        yield Outage("history", "", begins, begins + dice.randint(MINUTE, 3 * HOUR), fault)
