"""The simulated day: one event a minute, and the outcome."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from headroom.domain.windows import Instant, iso
from headroom_cli.console import count
from headroom_cli.demo import scenario
from headroom_cli.demo.audit import Audit, AuditResult
from headroom_cli.demo.services import DemoServices
from headroom_cli.simulator.lines import HOUR, MINUTE
from headroom_cli.simulator.receivers import Received


class Screen(Protocol):
    """Shows the day."""

    def scene(self, at: Instant, text: str) -> None:
        """Show an event of the scenario."""
        ...

    def notice(self, received: Received) -> None:
        """Show a notice that arrived."""
        ...

    def progress(self, at: Instant, checks: int, requests: int) -> None:
        """Show the progress, after each minute."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The day's figures."""

    checks: int
    baselines: int
    """Baselines made."""
    requests: Counter[int]
    """Requests to PolyAI, by the answer's status."""
    refused: Counter[int]
    """Requests that channels refused, by the answer's status."""
    open_pages: int
    result: AuditResult
    seconds: float


class Day:
    """Runs the day from midnight to midnight."""

    def __init__(self, services: DemoServices, audit: Audit, screen: Screen) -> None:
        self._services = services
        self._audit = audit
        self._screen = screen
        self._scenes = {scene.at: scene for scene in scenario.SCENES}
        self._checks = self._baselines = 0
        self._shown = 0

    def run(self, minutes: range = range(scenario.CHECKS)) -> Outcome:
        """Run every minute in turn. Raises FunctionFailed if a function fails.

        What is usual is made in the hour before the first minute.
        """
        began = time.monotonic()
        self._make_baselines(scenario.making_before(scenario.START + minutes[0] * MINUTE))
        for minute in minutes:
            self._minute(scenario.START + minute * MINUTE)
        self._services.collect()
        self._show()
        inbox = self._services.inbox
        return Outcome(
            checks=self._checks,
            baselines=self._baselines,
            requests=self._services.simulator.requests,
            refused=inbox.refused,
            open_pages=len(inbox.pages),
            result=self._audit.result(self._services.history(), inbox.received),
            seconds=time.monotonic() - began,
        )

    def _minute(self, at: Instant) -> None:
        self._services.set_time(at)
        if at % HOUR == 0:
            self._services.expire(at)
        if scene := self._scenes.get(at):
            self._screen.scene(at, scene.text)
            if scene.parameter:
                self._services.write(scene.parameter, scene.value)
        if at not in scenario.SKIPPED:
            self._check(at)
        if at % HOUR == scenario.MAKING:
            self._make_baselines(at)
        self._show()
        self._screen.progress(at, self._checks, self._services.simulator.requests.total())

    def _check(self, at: Instant) -> None:
        report = self._services.check.invoke({"time": iso(at)})
        self._checks += 1
        self._audit.add(report)
        if report["notices"]:  # some of them may be for `default`
            self._services.collect()

    def _make_baselines(self, at: Instant) -> None:
        """Make those that are due: none in most hours, since each is made once a day."""
        self._services.set_time(at)
        report = self._services.baseline.invoke({"time": iso(at)})
        self._baselines += len(report["made"])
        if report["made"]:
            when = "the evening before, " if at < scenario.START else ""
            names = " and ".join(each.partition(" ")[0] for each in report["made"])
            asked = count(report["requests"], "request")
            text = f"what is usual on {names} is worked out from five weeks ({asked} to PolyAI)"
            self._screen.scene(at, when + text)

    def _show(self) -> None:
        received = self._services.inbox.received
        for each in received[self._shown :]:
            self._screen.notice(each)
        self._shown = len(received)
