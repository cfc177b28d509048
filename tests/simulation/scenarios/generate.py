"""From a seed to a scenario: projects, readings, checks and what goes wrong over hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from tests.simulation.facts import Edit, GroupFacts, Series
from tests.simulation.scenarios import randomness
from tests.simulation.scenarios.call_patterns import bumps
from tests.simulation.scenarios.combined_faults import (
    blind_at_first,
    one_after_another,
    revoked,
    shared_causes,
    slow_then_well,
    undeliverable,
    watched,
)
from tests.simulation.scenarios.edits import edits, placed
from tests.simulation.scenarios.groups import with_groups
from tests.simulation.scenarios.hours import calendar, with_hours
from tests.simulation.scenarios.invalid_config import (
    broken_rules,
    invalid_parameters,
    unreadable_channels,
    without_history,
)
from tests.simulation.scenarios.late_data import late_data
from tests.simulation.scenarios.reverted_edits import TTL, reverted
from tests.simulation.scenarios.scenario import Bump, Fault, Outage, PlannedCheck, Scenario
from tests.simulation.scenarios.usual import with_usual

MONDAY = 1795392000
"""2026-11-23T00:00:00Z."""
MINUTE, HOUR, DAY = 60, 3600, 86400
CALM = 40
"""Checks at the end without any fault: longer than every lease and wait."""
STORM, STORMS = 60, 0.02
"""Variants of a project that may all fire at once, and the share of scenarios with one."""
POISON = (0.0, 0.0, 0.05, 0.3)
GAPS = ((70, 0, 0), (12, 2, 6), (10, 6, 40), (5, 40, 300), (2, 300, 1600))
"""How often, out of about a hundred, so many minutes are left out."""


def scenario(seed: int) -> Scenario:
    """Generate the scenario of this seed."""
    dice = randomness.stream(seed, "story")
    timed = randomness.stream(seed, "hours")
    here = calendar(timed)
    began = MONDAY + dice.randrange(DAY // MINUTE) * MINUTE
    began = here.moved(timed, began) if here else began
    faulty = list(_faulty(dice, began, dice.randint(60, 160)))
    calm = max(int(each.starts) for each in faulty) // MINUTE * MINUTE + 2 * MINUTE
    quiet = [
        PlannedCheck(len(faulty) + place, calm + place * MINUTE, calm + place * MINUTE + 0.5, 0)
        for place in range(CALM)
    ]
    projects = [f"line-{letter}" for letter in "abcde"[: dice.randint(2, 5)]]
    ended = quiet[-1].at
    series = _series(projects, STORM if dice.random() < STORMS else 2)
    first = edits(randomness.stream(seed, "edits"), projects, began, calm)
    everything = placed(randomness.stream(seed, "places"), list(first))
    written, watch = watched(randomness.stream(seed, "watched"), everything, began, ended)
    checks = [each.at for each in faulty]
    taken_back, fires = reverted(randomness.stream(seed, "reverted"), written, checks, calm)
    known = [*written, *taken_back]
    broken = tuple(broken_rules(randomness.stream(seed, "broken rules"), known, began, calm))
    settle = dice.choice([60, 60, 60, 0, 120])
    unusual = tuple(_bumps(seed, series, began, ended))
    usual = with_usual(
        randomness.stream(seed, "usual"),
        [*known, *broken],
        series,
        zone=here.zone if here else "UTC",
        began=began,
        calm=calm,
        ended=ended,
    )
    hourly = with_hours(timed, here, usual.edits, checks, calm)
    dice_groups = randomness.stream(seed, "groups")
    all_edits, groups, unread = with_groups(dice_groups, hourly, began, calm)
    busy = (*watch, *fires, *usual.bumps)
    invalid = tuple(invalid_parameters(randomness.stream(seed, "slips"), began, calm))
    unreadable, no_history = unreadable_channels(
        randomness.stream(seed, "unreadable"), invalid, began, calm
    )
    dice_late = randomness.stream(seed, "late")
    corrigible = _not_of(all_edits, groups)
    late = late_data(dice_late, series, corrigible, unusual, busy, began=began, calm=calm)
    return Scenario(
        seed=seed,
        store="dynamo" if seed % 2 else "sqlite",
        began=began,
        calm=calm,
        settle=settle,
        ttl=min(dice.choice([0, 60, 300, 300]), TTL if taken_back else 300),
        weather=dice.choice([0.0, 0.01, 0.03, 0.08]),
        poison=randomness.stream(seed, "poison").choice(POISON),
        checks=(*faulty, *quiet),
        edits=tuple(all_edits),
        invalid_parameters=(*invalid, *unreadable),
        outages=(
            *_outages(randomness.stream(seed, "outages"), projects, began, calm),
            *blind_at_first(randomness.stream(seed, "blind"), projects, began),
            *slow_then_well(randomness.stream(seed, "slow, then well"), began, calm),
            *undeliverable(randomness.stream(seed, "undeliverable"), checks),
            *without_history(randomness.stream(seed, "history"), began, calm),
            *shared_causes(randomness.stream(seed, "shared"), checks),
            *one_after_another(randomness.stream(seed, "one by one"), projects, checks),
            *revoked(randomness.stream(seed, "revoked"), checks),
            *no_history,
            *usual.outages,
            *unread,
        ),
        bumps=late.bumps,
        series=series,
        late=late.late,
        lags=late.lags,
        stops=late.stops,
        corrections=late.corrections,
        pasts=usual.pasts,
        groups=groups,
    )


def _bumps(seed: int, series: tuple[Series, ...], began: int, ended: int) -> Iterator[Bump]:
    """What is unusual; in a storm all variants of a project are unusual together."""
    for each in series:
        name = each if len(series) < STORM else each[:2]
        yield from bumps(randomness.stream(seed, "bumps", *name), each, began, ended)


def _not_of(written: Sequence[Edit], groups: Sequence[GroupFacts]) -> list[Edit]:
    """The edits of projects that are in no group: sums are not corrected."""
    members = {name for group in groups for name in group.members}
    return [each for each in written if each.project not in members]


def _series(projects: list[str], variants: int) -> tuple[Series, ...]:
    """All of each project; the first one has so many variants."""
    return tuple(
        (project, query, key)
        for project in projects
        for query, key in (
            ("all", ""),
            ("language=es-ES", ""),
            *(
                ("by variant", f"VARIANT-{number + 1}")
                for number in range(variants if project == projects[0] else 2)
            ),
        )
    )


def _faulty(dice: Random, began: int, count: int) -> Iterator[PlannedCheck]:
    """Checks every minute, some late, some twice, and gaps of minutes to days."""
    minute, number = began, 0
    hasty = dice.random() < 0.3  # a scenario of many late and repeated events
    while number < count:
        late = dice.random() < (0.3 if hasty else 0.1)
        delay = dice.uniform(2, 125) if late else dice.uniform(0, 2)
        yield PlannedCheck(number, minute, minute + delay, dice.randint(0, 1))
        number += 1
        if dice.random() < (0.3 if hasty else 0.08):
            again = delay + dice.choice([dice.uniform(0, 3), dice.uniform(0, 140)])
            yield PlannedCheck(number, minute, minute + again, dice.randint(0, 1))
            number += 1
        minute += MINUTE * (1 + (_gap(dice) if dice.random() < 0.12 else 0))


def _gap(dice: Random) -> int:
    (_, least, most), *_ = dice.choices(GAPS, [weight for weight, *_ in GAPS])
    return dice.randint(least, most)


def _outages(dice: Random, projects: list[str], began: int, calm: int) -> Iterator[Outage]:
    """What fails for minutes to a day and more."""
    for _ in range(dice.choice([0, 1, 2, 3, 4])):
        operation = dice.choice(["send", "send", "send", "fetch", "fetch", "listing", "commit"])
        who, kinds = {
            "send": (
                dice.choice(["ops-slack", "duty-chat", "on-call", "on-call", "default"]),
                ("unreachable", "unreachable", "busy", "arrived, answer lost", "refused"),
            ),
            "fetch": (dice.choice(projects), ("401", "503", "timeout", "invalid", "404")),
            "listing": ("", ("throttled", "lost before")),
            "commit": ("", ("throttled", "lost before")),
        }[operation]
        begins = dice.randint(began, calm)
        lasts = dice.choice([10 * MINUTE, 40 * MINUTE, 3 * HOUR, 26 * HOUR])
        seconds = 0.5 if operation != "fetch" else 3.0
        fault = Fault(dice.choice(kinds), seconds)
        yield Outage(operation, who, begins, begins + dice.randint(1, lasts), fault)


__all__ = ["Edit", "scenario"]
