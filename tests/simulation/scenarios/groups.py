"""Groups of lines that share a limit, some of them late or not readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.facts import Edit, GroupFacts, ProjectFacts, RuleFacts
from tests.simulation.scenarios.edits import MISSING, REMINDERS, REPEATS, ROUTINGS, Routing
from tests.simulation.scenarios.scenario import Fault, Outage

MINUTE, HOUR = 60, 3600
SHARE = 0.6
"""The share of scenarios with a group, where there are projects that nobody edits."""
OWN = RuleFacts("whole-line", "all", upper=True, warning=None, critical=95)
"""A rule of each line, so that a line tells by itself that it cannot be read."""


def with_groups(
    dice: Random, written: Sequence[Edit], began: int, calm: int
) -> tuple[list[Edit], tuple[GroupFacts, ...], tuple[Outage, ...]]:
    """Make a group of two or three projects, and let all of them notify the same channels.

    One of its lines cannot be read for a while.
    """
    edited = Counter(each.project for each in written)
    free = [
        each.project
        for each in written
        if edited[each.project] == 1 and each.at <= began and isinstance(each.now, ProjectFacts)
    ]
    if dice.random() >= SHARE or len(free) < 2:
        return list(written), (), ()
    members = tuple(sorted(dice.sample(free, k=min(len(free), dice.choice([2, 2, 3])))))
    channels = dice.choice(ROUTINGS)
    rules = tuple(_rule(dice, f"together-{n}", len(members)) for n in range(dice.choice([1, 2])))
    edits = [_member(each, channels) if each.project in members else each for each in written]
    begins = dice.randint(began, calm)
    ends = min(calm, begins + dice.randint(10 * MINUTE, 3 * HOUR))
    fault = Fault(dice.choice(["401", "503", "timeout"]), 1.0)
    unread = Outage("fetch", dice.choice(members), begins, ends, fault)
    return edits, (GroupFacts("shared-limit", members, rules, channels),), (unread,)


def _member(edit: Edit, channels: Routing) -> Edit:
    assert isinstance(edit.now, ProjectFacts)
    return replace(edit, now=replace(edit.now, rules=(*edit.now.rules, OWN), channels=channels))


def _rule(dice: Random, name: str, lines: int) -> RuleFacts:
    upper = dice.random() < 0.65
    needed, among = dice.choice(REPEATS)
    warning, critical = (35 + 35 * lines, 55 + 40 * lines) if upper else (22 * lines, 12 * lines)
    return RuleFacts(
        name,
        "all",
        upper=upper,
        warning=warning,
        critical=critical,
        needed=needed,
        among=among,
        margin=dice.choice([0, 5]),
        missing=dice.choice(MISSING),
        remind=dice.choice(REMINDERS),
    )
