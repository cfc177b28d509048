"""A PolyAI whose lines carry the calls that a person dials with `curl`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from headroom.domain.windows import Instant
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.lines import Line
from headroom_cli.simulator.polyai import Simulator

CALLS = "/calls/"
"""A number that is PUT below this path sets the calls of the line of that name."""


def now() -> Instant:
    """Return the system's time in whole seconds."""
    return int(time.time())


@dataclass(frozen=True)
class Dial(Line):
    """A line with as many calls as were dialled, from the next whole minute on."""

    turned: list[tuple[Instant, int]] = field(default_factory=list)

    def usual(self, instant: Instant) -> float:
        """Return the calls that were dialled last; before the first time, the quietest hour."""
        return next((calls for at, calls in reversed(self.turned) if at <= instant), self.night)


def dial(account_id: str, project_id: str, calls: int) -> Dial:
    """Return a line with a steady number of calls."""
    return Dial((account_id,), (project_id,), night=calls, peak=calls, noise=0)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """The simulated API at the system's time, and beside it a dial for each line."""

    simulator: Simulator
    lines: Mapping[str, Dial]

    def serve(self, port: int = 0) -> Loopback:
        """Return the HTTP server; enter it to start."""
        return Loopback(self.answer, port)

    def answer(self, request: Request) -> Reply:
        """Turn a dial, or answer as PolyAI."""
        self.simulator.now = now()
        name = request.path.removeprefix(CALLS)
        if request.method == "PUT" and name in self.lines:
            return self._turn(name, request.body)
        return self.simulator.answer(request)

    def _turn(self, name: str, body: bytes) -> Reply:
        if not body.strip().isdigit():
            return _text(400, f"send a whole number of calls: curl -X PUT -d 118 .../{name}")
        self.lines[name].turned.append((now(), int(body)))
        return _text(200, f"{name}: {int(body)} calls from the next minute on")


def _text(status: int, text: str) -> Reply:
    return Reply(status, f"{text}\n".encode(), "text/plain; charset=utf-8")
