"""What stands around the stack: a PolyAI that is set by hand, a Slack and a PagerDuty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Self

from headroom_cli.demo.config import made_up
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.receivers import Inbox
from headroom_cli.simulator.set_by_hand import CALLS, PolyAIByHand, line_by_hand, now

ACCOUNT = "acme-uk"
PROJECTS = {"support-line": "acme-support", "sales-line": "acme-sales"}
"""Of `alerts.yaml`: names, and PolyAI's ids."""


class LocalServices:
    """PolyAI, Slack and PagerDuty on free ports of loopback, while it is entered."""

    def __init__(self) -> None:
        self.lines = {
            name: line_by_hand(ACCOUNT, project, 30) for name, project in PROJECTS.items()
        }
        key = made_up("default")
        self.simulator = Simulator(self.lines.values(), {key: Key(frozenset({ACCOUNT}))})
        self.inbox = Inbox({made_up("ops-slack"): "ops-slack"}, {made_up("on-call"): "on-call"})
        self._polyai = PolyAIByHand(self.simulator, self.lines).serve()
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


def _dated(inbox: Inbox, answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    def answer_now(request: Request) -> Reply:
        inbox.now = now()
        return answer(request)

    return answer_now
