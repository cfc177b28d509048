"""Whether what operators wrote can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from headroom.config.port import Configuration
from headroom.config.sorting import PLAIN
from headroom.config.wording import named
from headroom_cli.console import count
from headroom_cli.doctor.findings import Finding, Findings, fail, ok, warn
from headroom_cli.doctor.setup import Setup
from headroom_cli.doctor.wording import names

KEYS = "keys."
"""Before the name of an API key, in the place of a fault."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a stack, or the file of a laptop."""

    setup: Callable[[], Setup]
    name: str = "parameters"

    def look(self) -> Findings:
        """See `Probe`."""
        setup = self.setup()
        found = list(self._problems(setup))
        written = setup.document
        if not written.projects:
            yield fail(
                self.name, f"there is no project {setup.place}: nothing is watched", _push(setup)
            )
        elif not found:
            numbers = (
                count(len(written.projects), "project"),
                count(len(written.channels), "channel"),
                count(len(written.keys), "API key"),
            )
            yield ok(self.name, f"{', '.join(numbers)} {setup.place}")
        yield from found

    def _problems(self, setup: Setup) -> Iterator[Finding]:
        config = setup.configuration
        for name in setup.plain:
            told = f"{name} is stored in plain text, so it is not used"
            yield fail(self.name, told, f"change the secret, then: {setup.mend}")
        for problem, projects in _grouped(_invalid(config)).items():
            told = problem
            if len(projects) > 1:
                told = f"{names(projects)}: {_without_place(problem, projects[0])}"
            yield fail(self.name, f"invalid: {told}", setup.mend)
        for place, why in config.faults.items():
            if why.partition(";")[0] != PLAIN or place.startswith(KEYS):  # told above
                yield fail(self.name, f"{place}: {why}", _way_out(setup, place))
        for name in config.ignored:
            yield warn(self.name, f"{name} means nothing to Headroom", setup.forget(name))


def _invalid(config: Configuration) -> dict[str, str]:
    """What is wrong with each project, but for what has a fault of its own."""
    whole = {name: each.problem for name, each in config.refused.items() if not each.shared}
    parts = {name: each.fault for name, each in config.projects.items() if each.fault}
    return whole | parts


def _grouped(invalid: Mapping[str, str]) -> Mapping[str, list[str]]:
    """The projects of each problem, by how the first of them says it."""
    groups: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for name, problem in invalid.items():
        told = first.setdefault(_without_place(problem, name), problem)
        groups.setdefault(told, []).append(name)
    return groups


def _without_place(problem: str, name: str) -> str:
    return re.sub(rf"projects\.{re.escape(named(name))}(\.|: )", "", problem)


def _way_out(setup: Setup, place: str) -> str:
    if not place.startswith(KEYS):
        return setup.mend
    key = place.removeprefix(KEYS)
    if f"keys/{key}" in setup.plain:  # the type of a parameter cannot be changed
        return f"{setup.forget(f'keys/{key}')}; {setup.new_key(key)}"
    return setup.new_key(key)


def _push(setup: Setup) -> str:
    return setup.mend.replace("mend it in your file, then: ", "")
