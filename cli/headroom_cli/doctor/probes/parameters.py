"""Whether what operators wrote can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headroom.config.sorting import PLAIN
from headroom_cli.console import count
from headroom_cli.doctor.findings import Finding, Findings, fail, ok, warn
from headroom_cli.doctor.setup import Setup


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
        for refused in config.refused.values():
            yield fail(self.name, f"refused: {refused.problem}", setup.mend)
        for place, why in config.faults.items():
            if why != PLAIN:  # told above
                yield fail(self.name, f"{place}: {why}", setup.mend)
        for name in config.ignored:
            yield warn(self.name, f"{name} means nothing to Headroom", setup.forget(name))


def _push(setup: Setup) -> str:
    return setup.mend.replace("mend it in your file, then: ", "")
