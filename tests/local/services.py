"""What stands around the stack: a PolyAI that is turned by hand, a Slack and a PagerDuty."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from headroom.domain.windows import Instant
from headroom_cli.demo.config import made_up
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.lines import Line
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.receivers import Inbox

ACCOUNT = "acme-uk"
PROJECTS = {"support-line": "acme-support", "sales-line": "acme-sales"}
"""Of `alerts.yaml`: names, and PolyAI's ids."""
CALLS = "/calls/"


def now() -> Instant:
    """The system's clock, in whole seconds: the world goes by the time of the day."""
    return int(time.time())


@dataclass(frozen=True)
class Dial(Line):
    """A line that carries as many calls as it is turned to, from the next whole minute on."""

    turned: list[tuple[Instant, int]] = field(default_factory=list)

    def usual(self, instant: Instant) -> float:
        """Go by the last turn; before the first, the quietest hour."""
        return next((calls for at, calls in reversed(self.turned) if at <= instant), self.night)


class LocalServices:
    """PolyAI, Slack and PagerDuty on free ports of loopback, while it is entered."""

    def __init__(self) -> None:
        self.lines = {
            name: Dial((ACCOUNT,), (project,), night=30, peak=30, noise=0)
            for name, project in PROJECTS.items()
        }
        key = made_up("default")
        self.simulator = Simulator(self.lines.values(), {key: Key(frozenset({ACCOUNT}))})
        self.inbox = Inbox({made_up("ops-slack"): "ops-slack"}, {made_up("on-call"): "on-call"})
        self._polyai = Loopback(self._calls)
        self._mail = Loopback(_dated(self.inbox, self.inbox.answer))
        self._running = ExitStack()

    @property
    def polyai_url(self) -> str:
        """For the stack's parameter PolyaiUrl."""
        return self._polyai.url

    @property
    def secrets(self) -> Mapping[str, str]:
        """What `alerts.yaml` looks up in the environment."""
        return {
            "OPS_SLACK_URL": f"{self._mail.url}/services/T000/B000/{made_up('ops-slack')}",
            "ON_CALL_KEY": made_up("on-call"),
            "ON_CALL_URL": self._mail.url,
            "POLYAI_KEY": made_up("default"),
        }

    def dial_url(self, name: str) -> str:
        """Where a number that is PUT turns a line."""
        return f"{self.polyai_url}{CALLS}{name}"

    def __enter__(self) -> Self:
        """Start answering."""
        self._running.enter_context(self._polyai)
        self._running.enter_context(self._mail)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering."""
        self._running.close()

    def _calls(self, request: Request) -> Reply:
        """PolyAI's API, and beside it the dials."""
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


def _dated(inbox: Inbox, answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    def answer_now(request: Request) -> Reply:
        inbox.now = now()
        return answer(request)

    return answer_now


def _text(status: int, text: str) -> Reply:
    return Reply(status, f"{text}\n".encode(), "text/plain; charset=utf-8")
