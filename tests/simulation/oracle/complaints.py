"""What each channel must have heard, by DESIGN sections 3 to 6 and in nobody else's code.

Projects that nobody edits are judged exactly: what there is to tell follows from the readings.
Of the others it is known within bounds only which configuration a check held, so each notice needs
one of them that justifies it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.facts import Facts
from tests.simulation.oracle.builtin_alerts import blindness, refusals, slips
from tests.simulation.oracle.channels import channels
from tests.simulation.oracle.configuration import Configuration
from tests.simulation.oracle.edited import edited
from tests.simulation.oracle.incidents import BUILT_IN, HEADROOM, Incident, incidents
from tests.simulation.oracle.sequence import courses
from tests.simulation.oracle.shared_causes import causes, possible
from tests.simulation.oracle.undeliverable import refused
from tests.simulation.oracle.unedited import untouched


def complaints(facts: Facts) -> list[str]:
    """Every violation in a line: the judge, who, which incident, what was told and what is true."""
    told = incidents(facts)
    found = [f"courses: {each}" for each in courses(facts, told)]
    found += [f"channels: {each}" for each in channels(facts, told)]
    found += [f"slips: {each}" for each in slips(facts, told)]
    found += [f"causes: {each}" for each in causes(facts, told)]
    found += [f"refused: {each}" for each in refused(facts, told)]
    for project in sorted({each.project for each in facts.edits}):
        found += _project(facts, project, told)
    return found


def _project(facts: Facts, project: str, everything: Sequence[Incident]) -> Iterator[str]:
    told = [each for each in everything if each.project == project]
    shared = [each for each in everything if each.project == HEADROOM]
    own = [each for each in told if each.rule not in BUILT_IN]
    blind = [each for each in told if each.rule == "unreachable"]
    config = [each for each in told if each.rule == "config"]
    stable = Configuration(facts, project).stable
    if stable is None:
        yield from (f"edited: {each}" for each in edited(facts, project, own))
    else:
        yield from (f"untouched: {each}" for each in untouched(facts, project, stable, own))
    yield from (
        f"blindness: {each}"
        for each in blindness(facts, project, blind, possible(facts, project, shared))
    )
    yield from (f"refusals: {each}" for each in refusals(facts, project, config))
