"""Whether the baselines that rules of usual need have been made, and lately."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from headroom.domain.formatting import among, duration
from headroom.domain.stored_baselines import NEVER, OVERDUE, BaselineKey, Times, needed
from headroom.domain.windows import HOUR, Instant
from headroom_cli.console import count
from headroom_cli.doctor.configuration import OperatorConfig
from headroom_cli.doctor.engine import Finding, Findings, Probe, fail, ok, warn

FIRST_RUNS = 2 * HOUR
"""Seconds in which the first runs may not have come round to a baseline yet."""

SHOWN = 3
"""Baselines that are named."""


@dataclass(frozen=True, slots=True)
class Baselines:
    """What the rules of usual are judged by."""

    setup: Callable[[], OperatorConfig]
    times: Callable[[Sequence[BaselineKey]], Mapping[BaselineKey, Times]]
    """Reads when each was made."""
    clock: Callable[[], Instant]
    fix: Callable[[], str]
    """How to make them now, and to see why one cannot be made."""
    schedule: Probe | None = None
    """The schedule that has them made; not looked at where no rule needs them."""
    name: str = "baselines"

    def look(self) -> Findings:
        """See `Probe`."""
        projects = self.setup().configuration.projects.values()
        wanted = [key for project in projects for key in needed(project)]
        if not wanted:
            yield ok(self.name, "no rule needs to know what is usual")
            return
        if self.schedule is not None:
            yield from self.schedule.look()
        found = self.times(wanted)
        times = {key: found.get(key, NEVER) for key in wanted}
        now = self.clock()
        missing = {key: each for key, each in times.items() if not each.made}
        old = [key for key, each in times.items() if each.made and now >= each.made + OVERDUE]
        if missing:
            yield self._missing(missing, len(times))
        if old:
            detail = f"{_listed(old, len(times))} made over two days ago: rules go on with them"
            yield fail(self.name, detail, self.fix())
        if not (missing or old):
            oldest = duration(now - min(each.made for each in times.values()))
            yield ok(self.name, f"{count(len(times), 'baseline')}, the oldest made {oldest} ago")

    def _missing(self, missing: Mapping[BaselineKey, Times], total: int) -> Finding:
        """Nobody misses a notice by one that is new; after failed attempts somebody may."""
        detail = f"{_listed([*missing], total)} not made yet: their rules of usual wait"
        attempts = [each.wanted for each in missing.values() if each.wanted]
        failing = attempts and self.clock() >= min(attempts) + FIRST_RUNS
        return (fail if failing else warn)(self.name, detail, self.fix())


def _listed(keys: Sequence[BaselineKey], total: int) -> str:
    """As in `1 of 14 (sales-line (client_env=live))`."""
    return f"{len(keys)} of {total} ({among([*map(str, keys)], SHOWN)})"
