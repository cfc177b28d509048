"""What each channel should have received, by DESIGN sections 3 to 6, in code of its own.

Projects that nobody edits are judged exactly: their notices follow from the readings. For the
others it is only known within bounds which configuration a check held, so each notice needs one of
them that justifies it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.facts import Facts
from tests.simulation.oracle.abstaining import abstaining
from tests.simulation.oracle.builtin_alerts import (
    invalid_parameters,
    invalid_projects,
    unreachable,
)
from tests.simulation.oracle.channels import channels
from tests.simulation.oracle.configuration import Configuration
from tests.simulation.oracle.edited import edited
from tests.simulation.oracle.groups import groups
from tests.simulation.oracle.incidents import BUILT_IN, HEADROOM, Incident, stored_incidents
from tests.simulation.oracle.sequence import sequences
from tests.simulation.oracle.shared_causes import causes, possible
from tests.simulation.oracle.undeliverable import undeliverable
from tests.simulation.oracle.unedited import unedited
from tests.simulation.oracle.usual import known_later


def complaints(facts: Facts) -> list[str]:
    """Every violation in a line: the module, the incident, the notice, and what is true."""
    incidents = stored_incidents(facts)
    found = [f"sequence: {each}" for each in sequences(facts, incidents)]
    found += [f"channels: {each}" for each in channels(facts, incidents)]
    found += [f"invalid parameters: {each}" for each in invalid_parameters(facts, incidents)]
    found += [f"shared causes: {each}" for each in causes(facts, incidents)]
    found += [f"undeliverable: {each}" for each in undeliverable(facts, incidents)]
    found += [f"groups: {each}" for each in groups(facts, incidents)]
    for project in sorted({each.project for each in facts.edits}):
        found += _project(facts, project, incidents)
    return found


def _project(facts: Facts, project: str, incidents: Sequence[Incident]) -> Iterator[str]:
    mine = [each for each in incidents if each.project == project]
    shared = [each for each in incidents if each.project == HEADROOM]
    own = [each for each in mine if each.rule not in BUILT_IN]
    unread = [each for each in mine if each.rule == "unreachable"]
    config = [each for each in mine if each.rule == "config"]
    stable = Configuration(facts, project).stable
    if stable is None or known_later(facts, project):
        yield from (f"edited: {each}" for each in edited(facts, project, own))
    else:
        yield from (f"unedited: {each}" for each in unedited(facts, project, stable, own))
    yield from (f"abstaining: {each}" for each in abstaining(facts, project))
    covered = possible(facts, project, shared)
    yield from (f"unreachable: {each}" for each in unreachable(facts, project, unread, covered))
    yield from (f"invalid projects: {each}" for each in invalid_projects(facts, project, config))
