"""What PolyAI publishes late, or corrects after it was final: small delays, stops, corrections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.facts import Edit, ProjectFacts, Series
from tests.simulation.scenarios.scenario import Bump, Correction, Stop

MINUTE, HOUR, WINDOW = 60, 3600, 300
LAGGING, STOPPING, CORRECTED = 0.3, 0.4, 0.3
"""The share of projects that publish each window after its end; of scenarios with the others."""
DEEP = 45 * MINUTE
"""The longest stop: at its end the newest reading still lies within the last hour."""


@dataclass(frozen=True)
class LateData:
    """The late data of one scenario."""

    late: int
    lags: dict[str, int]
    stops: tuple[Stop, ...]
    corrections: tuple[Correction, ...]
    bumps: tuple[Bump, ...]


def late_data(
    dice: Random,
    series: Sequence[Series],
    written: Sequence[Edit],
    bumps: Sequence[Bump],
    busy: Sequence[Bump],
    *,
    began: int,
    calm: int,
) -> LateData:
    """Draw it; `busy` are bumps that must stay as they are."""
    late = dice.choice([900, 900, 900, 300, 2700])
    projects = sorted({each[0] for each in series})
    lags = {
        name: min(late, dice.choice([30, 120, 200, 290]))
        for name in projects
        if dice.random() < LAGGING
    }
    stops = list(_stops(dice, projects, late, began, calm))
    whole = {each.project for each in stops if each.ends - each.begins > late}
    made = [_zeros(each) if each.series[0] in whole else each for each in bumps]
    corrections: list[Correction] = []
    taken = {each.series for each in busy}
    free = [each for each in _corrigible(written) if each in series and each not in taken]
    if free and dice.random() < CORRECTED:
        chosen = dice.choice(free)
        made = [each for each in made if each.series != chosen]
        at = dice.randint(began + 30 * MINUTE, calm + 15 * MINUTE)
        closed = max(began + 15 * MINUTE, at - dice.randint(2 * MINUTE, 50 * MINUTE))
        window = closed // WINDOW * WINDOW - WINDOW
        made.append(Bump(chosen, window, (dice.choice([90, 120]),)))
        corrections.append(Correction(chosen, window, at, dice.randint(15, 45)))
    return LateData(late, lags, tuple(stops), tuple(corrections), (*made, *busy))


def _corrigible(written: Sequence[Edit]) -> Iterator[Series]:
    """Series on which a single window breaches a rule, of projects that nobody edits.

    Without those of rules that never judge a window again.
    """
    for edit in written:
        rules = edit.now.rules if isinstance(edit.now, ProjectFacts) else ()
        final = {rule.query for rule in rules if rule.waits_for_usual}
        edited = sum(each.project == edit.project for each in written) > 1
        if isinstance(edit.now, ProjectFacts) and not edited:
            for rule in edit.now.rules:
                if rule.at_once and rule.needed == 1 and rule.query not in final:
                    key = "VARIANT-1" if rule.query == "by variant" else ""
                    yield edit.project, rule.query, key


def _stops(
    dice: Random, projects: Sequence[str], late: int, began: int, calm: int
) -> Iterator[Stop]:
    """Stops up to `late`, and beyond it where the line leaves no window out."""
    if dice.random() >= STOPPING:
        return
    for name in dice.sample(projects, k=dice.randint(1, len(projects))):
        lasts = dice.choice([dice.randint(MINUTE, late), late, DEEP])
        begins = dice.randint(began - HOUR, max(began, calm - lasts))
        yield Stop(name, begins, begins + min(lasts, DEEP))


def _zeros(bump: Bump) -> Bump:
    """The same of a line that leaves no window out."""
    return replace(bump, values=tuple(value or 0 for value in bump.values))
