"""Runs all probes in parallel, within a time limit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from headroom_cli.doctor.engine import Finding, MissingDependency, Probe, fail, warn
from headroom_cli.doctor.explain import explain

PATIENCE = 12.0
"""Seconds for all probes; every request gives up earlier."""


def examine(probes: Sequence[Probe], seconds: float = PATIENCE) -> Iterator[Finding]:
    """Yield the findings in the probes' order, as early as possible. Raises nothing."""
    ends = time.monotonic() + seconds
    pool = ThreadPoolExecutor(max_workers=max(1, len(probes)))
    looks = [_Look(probe, pool) for probe in probes]
    blind: dict[str, list[str]] = {}
    for look in looks:
        wait([look.done], max(0.0, ends - time.monotonic()))
        yield from look.findings(seconds)
        if look.blind:
            blind.setdefault(look.blind, []).append(look.probe.name)
    for cause, names in blind.items():
        yield warn("not examined", f"{', '.join(names)}: first fix {cause}")
    pool.shutdown(wait=False)


class _Look:
    """One running probe."""

    def __init__(self, probe: Probe, pool: ThreadPoolExecutor) -> None:
        self.probe = probe
        self._found: list[Finding] = []
        self.done: Future[None] = pool.submit(self._look)

    def _look(self) -> None:
        """Collect findings one by one: those made before an error count."""
        for finding in self.probe.look():
            self._found.append(finding)

    @property
    def blind(self) -> str:
        """Name the failed probe that this one depends on, if any."""
        error = self.done.exception() if self.done.done() else None
        return error.name if isinstance(error, MissingDependency) else ""

    def findings(self, seconds: float) -> list[Finding]:
        """Return the findings so far, and why there are no more."""
        found = list(self._found)
        if not self.done.done():
            late = f"no answer within {seconds:.0f} s"
            return [*found, fail(self.probe.name, late, "is the network up? Run this again")]
        error = self.done.exception()
        if error is None or isinstance(error, MissingDependency):
            return found
        return [*found, explain(self.probe.name, error)]
