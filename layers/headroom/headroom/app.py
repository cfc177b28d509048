"""The wired application: runs checks on one event loop, kept with its connections in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from headroom.check import check
from headroom.domain.windows import Instant, iso
from headroom.errors import EventError
from headroom.pipeline.baseline_report import BaselineReport
from headroom.pipeline.making import make_baselines
from headroom.pipeline.report import Report
from headroom.ports import Deadline, Ports

Report_ = TypeVar("Report_")

EARLIEST, LATEST = 120, 60
"""The most seconds that an event may be behind the clock, or ahead of it."""


class EventClock:
    """The event's own time, for simulations and replays (`HEADROOM_CLOCK=event`)."""

    def __init__(self) -> None:
        self.at: Instant = 0

    def __call__(self) -> Instant:
        """The time of the event that is being handled."""
        return self.at


class App:
    """What an entry point holds; `close` ends its connections."""

    def __init__(self, ports: Ports, closers: list[Callable[[], Awaitable[None]]]) -> None:
        self._ports = ports
        self._closers = closers
        self._runner = asyncio.Runner()

    def run(self, at: Instant, deadline: Deadline) -> Report:
        """Check every project at one instant, before the deadline.

        An event that is too old is dropped: a newer one is on its way, and its check catches up.
        Raises EventError for an event from the future, and what `check` raises.
        """
        now = self._taken(at)
        if at < now - EARLIEST:
            return Report(
                at=at, dropped=f"over {EARLIEST} s behind the clock ({iso(now)}): a newer one comes"
            )
        return self._run(check(self._ports, at, deadline))

    def make_baselines(self, at: Instant, deadline: Deadline) -> BaselineReport:
        """Make the baselines that are due at one instant, before the deadline.

        Raises EventError for an event from the future, and what `make_baselines` raises.
        """
        self._taken(at)
        return self._run(make_baselines(self._ports, at, deadline))

    def _run(self, work: Coroutine[Any, Any, Report_]) -> Report_:
        """Run it on the event loop.

        Its report is handed over beside the task: in the main thread `asyncio.Runner` has the
        finished task described as text, with the whole report in it (signal.py, Python 3.11).
        """
        reports: list[Report_] = []

        async def kept() -> None:
            reports.append(await work)

        self._runner.run(kept())
        return reports[0]

    def _taken(self, at: Instant) -> Instant:
        """Take an event's time, and return the clock's. Raises EventError."""
        clock = self._ports.clock
        if isinstance(clock, EventClock):
            clock.at = at
        now = clock()
        if at > now + LATEST:
            raise EventError(
                f"the event's time {iso(at)} is over {LATEST} s ahead of the clock ({iso(now)}): "
                "send the time of the schedule, or set HEADROOM_CLOCK=event for a replay"
            )
        return now

    def close(self) -> None:
        """End every connection and the event loop."""
        for closer in self._closers:
            self._runner.run(_await(closer))
        self._runner.close()


async def _await(closer: Callable[[], Awaitable[None]]) -> None:
    await closer()
