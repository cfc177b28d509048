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
CHANNELS = ("channels/ops-slack", "channels/duty-chat", "channels/on-call")
SHARED = (*CHANNELS, "defaults")
UNREADABLE = 0.15
"""The share of scenarios in which nobody knows of some channels what they are."""


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


def unreadable_channels(
    dice: Random, known: Sequence[InvalidParameter], began: int, calm: int
) -> tuple[list[InvalidParameter], list[Outage]]:
    """One or two channels of which nothing can be read for a while, whether they page or not."""
    names = [name for name in CHANNELS if name not in {each.part for each in known}]
    if dice.random() >= UNREADABLE:
        return [], []
    at = dice.randint(began + MINUTE, calm - HOUR // 2)
    lasts = dice.randint(5 * MINUTE, dice.choice([HOUR, 6 * HOUR]))
    chosen = dice.sample(names, dice.choice([1, 2, 2]))
    broken = [
        InvalidParameter(at, min(calm - MINUTE, at + lasts + dice.randint(0, HOUR // 2)), name)
        for name in chosen
    ]
    history = Outage("history", "", at, at + lasts, Fault("throttled", 0.5))
    return broken, [history]
