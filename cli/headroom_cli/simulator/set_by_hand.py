"""A PolyAI whose lines carry the calls that a person sets with `curl`."""

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
class LineByHand(Line):
    """A line with as many calls as were set, from the next whole minute on."""

    changes: list[tuple[Instant, int]] = field(default_factory=list)

    def usual(self, instant: Instant) -> float:
        """Return the calls that were set last; before the first time, the quietest hour."""
        return next((calls for at, calls in reversed(self.changes) if at <= instant), self.night)


def line_by_hand(account_id: str, project_id: str, calls: int) -> LineByHand:
    """Return a line with a steady number of calls."""
    return LineByHand((account_id,), (project_id,), night=calls, peak=calls, noise=0)


@dataclass(frozen=True, slots=True)
class PolyAIByHand:
    """The simulated API at the system's time, whose lines are set by hand."""

    simulator: Simulator
    lines: Mapping[str, LineByHand]

    def serve(self, port: int = 0) -> Loopback:
        """Return the HTTP server; enter it to start."""
        return Loopback(self.answer, port)

    def answer(self, request: Request) -> Reply:
        """Set the calls of a line, or answer as PolyAI."""
        self.simulator.now = now()
        if not request.path.startswith(CALLS):
            return self.simulator.answer(request)
        name = request.path.removeprefix(CALLS)
        if request.method == "PUT" and name in self.lines:
            return self._set(name, request.body)
        names = ", ".join(sorted(self.lines))
        return _text(404, f"PUT a number of calls to {CALLS}NAME; the names are {names}")

    def _set(self, name: str, body: bytes) -> Reply:
        if not body.strip().isdigit():
            return _text(400, f"send a whole number of calls: curl -X PUT -d 118 .../{name}")
        self.lines[name].changes.append((now(), int(body)))
        return _text(200, f"{name}: {int(body)} calls from the next minute on")


def _text(status: int, text: str) -> Reply:
    return Reply(status, f"{text}\n".encode(), "text/plain; charset=utf-8")
