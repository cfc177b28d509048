"""What each channel must have heard, by DESIGN sections 3 to 6 and in nobody else's code.

Projects that nobody edits are judged exactly: what there is to tell follows from the readings.
Of the others it is known within bounds only which configuration a check held, so each notice needs
one of them that justifies it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.facts import Facts
from tests.simulation.oracle_channels import channels
from tests.simulation.oracle_config import Configuration
from tests.simulation.oracle_course import courses
from tests.simulation.oracle_edits import edited
from tests.simulation.oracle_stories import untouched
from tests.simulation.oracle_told import BUILT_IN, Incident, incidents
from tests.simulation.oracle_troubles import blindness, refusals, slips


def complaints(facts: Facts) -> list[str]:
    """Every violation in a line: the judge, who, which incident, what was told and what is true."""
    told = incidents(facts)
    found = [f"courses: {each}" for each in courses(facts, told)]
    found += [f"channels: {each}" for each in channels(facts, told)]
    found += [f"slips: {each}" for each in slips(facts, told)]
    for project in sorted({each.project for each in facts.edits}):
        found += _project(facts, project, [each for each in told if each.project == project])
    return found


def _project(facts: Facts, project: str, told: Sequence[Incident]) -> Iterator[str]:
    own = [each for each in told if each.rule not in BUILT_IN]
    blind = [each for each in told if each.rule == "unreachable"]
    config = [each for each in told if each.rule == "config"]
    stable = Configuration(facts, project).stable
    if stable is None:
        yield from (f"edited: {each}" for each in edited(facts, project, own))
    else:
        yield from (f"untouched: {each}" for each in untouched(facts, project, stable, own))
    yield from (f"blindness: {each}" for each in blindness(facts, project, blind))
    yield from (f"refusals: {each}" for each in refusals(facts, project, config))
