"""Faults that only matter together, and that chance alone hardly ever combines.

Each kind draws from a stream of its own, and most scenarios have none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from tests.simulation.facts import Edit, ProjectFacts, Series
from tests.simulation.scenarios.scenario import Bump, Fault, Outage

MINUTE, HOUR, WINDOW = 60, 3600, 300
BLIND, SLOW, UNDELIVERABLE, WATCHED = 0.15, 0.15, 0.3, 0.12
SHARED, STAGGERED, REVOKED = 0.6, 0.25, 0.25
"""The share of scenarios that has each kind."""
OFTEN = 5 * MINUTE
"""A reminder so often comes to the most that there may be within an hour."""


def blind_at_first(dice: Random, projects: list[str], began: int) -> Iterator[Outage]:
    """A project that cannot be read from the first check on."""
    if dice.random() < BLIND:
        lasts = dice.choice([10 * MINUTE, 40 * MINUTE, 3 * HOUR])
        kind = dice.choice(["401", "503", "timeout"])
        ends = began + dice.randint(MINUTE, lasts)
        yield Outage("fetch", dice.choice(projects), began, ends, Fault(kind, 3.0))


def slow_then_well(dice: Random, began: int, calm: int) -> Iterator[Outage]:
    """For some minutes PolyAI answers no request within a check, and then all of them again."""
    if dice.random() < SLOW:
        begins = dice.randint(began, calm)
        ends = min(calm, begins + dice.randint(1, 40) * MINUTE)
        yield Outage("fetch", "", begins, ends, Fault("slow", 60.0))


def undeliverable(dice: Random, checks: Sequence[int]) -> Iterator[Outage]:
    """A channel that is away, then refuses for good, while the dead-letter queue is away too."""
    if dice.random() < UNDELIVERABLE:
        who = dice.choice(["ops-slack", "duty-chat", "on-call", "default"])
        begins = dice.choice(checks)
        away = begins + dice.randint(MINUTE, HOUR)
        ends = away + dice.randint(20 * MINUTE, dice.choice([HOUR, 6 * HOUR]))
        yield Outage("send", who, begins, away, Fault("unreachable", 0.5))
        yield Outage("letter", who, away, ends, Fault("throttled", 0.5))
        yield Outage("send", who, away, ends, Fault("refused", 0.5))


def shared_causes(dice: Random, checks: Sequence[int]) -> Iterator[Outage]:
    """A key that expires, or a region that goes down, for all projects that depend on it."""
    while dice.random() < SHARED:
        region = dice.choice(["uk-1", "uk-1", "us-1"])
        key = f"key {dice.choice(['default', 'default', 'other'])} in {region}"
        who, kinds = dice.choice(
            [
                (key, ("401", "401", "403")),
                (f"region {region}", ("503", "timeout", "invalid", "429")),
            ]
        )
        begins = dice.choice(checks[: len(checks) * 3 // 4]) + dice.randint(0, MINUTE)
        ends = begins + dice.randint(10 * MINUTE, dice.choice([30 * MINUTE, 2 * HOUR, 8 * HOUR]))
        yield Outage("fetch", who, begins, ends, Fault(dice.choice(kinds), 1.0))


def one_after_another(
    dice: Random, projects: Sequence[str], checks: Sequence[int]
) -> Iterator[Outage]:
    """Projects that come to fail by the same cause over minutes, and recover in any order."""
    if dice.random() < STAGGERED:
        begins = dice.choice(checks[: len(checks) * 3 // 4])
        ends = begins + dice.randint(HOUR, 4 * HOUR)
        kind = dice.choice(["401", "401", "503"])
        for name in projects:
            starts = begins + dice.choice([0, 0, dice.randint(0, 40 * MINUTE)])
            stops = ends - dice.choice([0, dice.randint(0, 15 * MINUTE)])
            yield Outage("fetch", name, starts, stops, Fault(kind, 1.0))


def revoked(dice: Random, checks: Sequence[int]) -> Iterator[Outage]:
    """A channel that refuses every project's notices, for minutes or for most of the scenario."""
    if dice.random() < REVOKED:
        who = dice.choice(["ops-slack", "ops-slack", "duty-chat", "on-call"])
        begins = dice.choice(checks)
        ends = begins + dice.randint(MINUTE, dice.choice([20 * MINUTE, 6 * HOUR, 26 * HOUR]))
        yield Outage("send", who, begins, ends, Fault("refused", 0.5))


def watched(
    dice: Random, written: Sequence[Edit], began: int, ended: int
) -> tuple[list[Edit], list[Bump]]:
    """One rule is to remind often, and its level holds for all of the scenario."""
    edits = list(written)
    chosen = dice.randrange(len(edits))
    project = edits[chosen].now
    if dice.random() >= WATCHED or not isinstance(project, ProjectFacts):
        return edits, []
    name = dice.choice(project.rules).name
    edits = [_reminding(each, edits[chosen].project, name) for each in edits]
    rule = next(each for each in project.rules if each.name == name)
    value = 120 if rule.upper else 0
    first = began - began % WINDOW
    values = (value,) * ((ended - first) // WINDOW + 1)
    return edits, [Bump(_series(edits[chosen].project, rule.query), first, values)]


def _reminding(edit: Edit, project: str, name: str) -> Edit:
    if edit.project != project or not isinstance(edit.now, ProjectFacts):
        return edit
    rules = tuple(
        replace(rule, remind=OFTEN) if rule.name == name else rule for rule in edit.now.rules
    )
    return replace(edit, now=replace(edit.now, rules=rules))


def _series(project: str, query: str) -> Series:
    return project, query, "VARIANT-1" if query == "by variant" else ""
