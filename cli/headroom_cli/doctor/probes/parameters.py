"""Whether what operators wrote can be used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headroom.config.sorting import PLAIN
from headroom_cli.console import by_cause, count, listed_names
from headroom_cli.doctor.findings import Finding, Findings, fail, ok, warn
from headroom_cli.doctor.setup import Setup

BAD_KEY = re.compile(r'api_key: (?:there is no )?API key "([^"]+)"(?: cannot be used|: add )[^;]*')
"""A project's only trouble, by `config.house`; a slip in the key's name is fixed in the file."""


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
                self.name, f"there is no project {setup.place}: nothing is watched", setup.publish
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
            yield fail(self.name, told, f"change the secret, then: {setup.fix}")
        refused = ((each.name, each.problem) for each in config.refused.values())
        for problem, names in by_cause(refused).items():
            told = f"{listed_names(names)}: {problem}" if len(names) > 1 else problem
            yield fail(self.name, f"refused: {told}", _way_out(setup, problem))
        for place, why in config.faults.items():
            if why != PLAIN:  # told above
                yield fail(self.name, f"{place}: {why}", _fix_of(setup, place))
        for name in config.ignored:
            yield warn(self.name, f"{name}: unknown parameter, ignored", setup.forget(name))


def _fix_of(setup: Setup, place: str) -> str:
    section, _, name = place.partition(".")
    return _new_key(setup, name) if section == "keys" else setup.fix


def _way_out(setup: Setup, problem: str) -> str:
    found = BAD_KEY.fullmatch(problem)
    if found is None:
        return setup.fix
    return _new_key(setup, found[1])


def _new_key(setup: Setup, key: str) -> str:
    if f"keys/{key}" in setup.plain:  # the type of a parameter cannot be changed
        return f"{setup.forget(f'keys/{key}')}; {setup.new_key(key)}"
    return setup.new_key(key)
