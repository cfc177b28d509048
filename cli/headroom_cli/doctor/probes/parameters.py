"""Whether what operators wrote can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headroom.config.raw import KEY, PLAIN
from headroom.config.validation import Problem
from headroom_cli.console import by_cause, count, listed_names
from headroom_cli.doctor.configuration import OperatorConfig
from headroom_cli.doctor.engine import Finding, Findings, fail, ok, warn


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a stack, or the file of a laptop."""

    setup: Callable[[], OperatorConfig]
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
                *([count(len(written.groups), "group")] if written.groups else []),
                count(len(written.channels), "channel"),
                count(len(written.keys), "API key"),
            )
            yield ok(self.name, f"{', '.join(numbers)} {setup.place}")
        yield from found

    def _problems(self, setup: OperatorConfig) -> Iterator[Finding]:
        config = setup.configuration
        for name in setup.plain:
            told = f"{name} is stored in plain text, so it is not used"
            yield fail(self.name, told, f"change the secret, then: {setup.fix}")
        for problem, names in by_cause(config.own_faults().items()).items():
            yield fail(self.name, f"invalid: {listed_names(names)}: {problem}", setup.fix)
        for fault in config.faults.values():
            if fault.code != PLAIN:  # shown above
                yield fail(self.name, str(fault), _fix_of(setup, fault))
        for name in config.ignored:
            yield warn(self.name, f"{name}: unknown parameter, ignored", setup.forget(name))


def _fix_of(setup: OperatorConfig, fault: Problem) -> str:
    unset = [name for name in setup.unset if f" {name} " in str(fault)]
    if unset:
        return f"export {', '.join(unset)}, and restart headroom watch if it runs"
    if fault.code != KEY:
        return setup.fix
    key = fault.subject
    if f"keys/{key}" in setup.plain:  # the type of a parameter cannot be changed
        return f"{setup.forget(f'keys/{key}')}; {setup.new_key(key)}"
    return setup.new_key(key)
