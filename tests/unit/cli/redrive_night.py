"""The night on which a stack's dead letters are sent again: a stack, its channels and its queue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest

from headroom.bootstrap import system_clock
from headroom.domain.notices import Kind, Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.windows import window_of
from headroom_cli.aws import Aws
from headroom_cli.console import terminal
from headroom_cli.demo.cloud import Cloud
from headroom_cli.demo.config import made_up
from headroom_cli.prompts import Declined
from headroom_cli.redrive.command import redrive
from headroom_cli.redrive.options import Options
from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.receivers import Inbox
from tests.builders import document, incident, notice
from tests.unit.cli.deployed import Deployed, deploy

DAY = 24 * 3600
AGO = 2 * DAY
"""When the default incident fired: two days before the test."""
FAILED_CHECK = {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {}}


COMMAND = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from headroom_cli.main import run
run()
"""
"""Signals count, also where whoever starts the tests ignores them: in the background, by nohup."""


@dataclass(frozen=True)
class Night:
    """A stack whose channels are well again, and letters in its queue."""

    deployed: Deployed
    aws: Aws
    inbox: Inbox
    capsys: pytest.CaptureFixture[str]
    refuses: list[str] = field(default_factory=list)
    """The questions, by a word in them, that are answered with no."""

    def agreed(self, question: str) -> bool:
        if any(word in question for word in self.refuses):
            raise Declined
        return True

    def redrive(self, *channels: str, **wishes: bool) -> tuple[int, str]:
        options = Options(channels=channels, agreed=self.agreed, wait=0, **wishes)
        code = redrive(terminal(), self.aws, self.deployed.stack, options)
        return code, self.capsys.readouterr().out

    def process(self, *more: str, **streams: int) -> subprocess.Popen[bytes]:
        """The same command in a process of its own, to be ended."""
        command = [sys.executable, "-c", COMMAND, "redrive", "--stack", self.deployed.stack.name]
        return subprocess.Popen([*command, *more], **streams)  # type: ignore[call-overload,no-any-return] # noqa: S603 (ours)

    @property
    def received(self) -> list[tuple[str, str]]:
        return [(each.channel, each.headline) for each in self.inbox.received]

    @property
    def command(self) -> str:
        return f"headroom redrive --stack {self.deployed.stack.name}"

    def left(self) -> list[str]:
        return [str(dead_letter.get("channel")) for dead_letter in self.deployed.lying()]

    def fault(self, channel: str, kind: FaultKind, retry_after: int = 30) -> None:
        self.inbox.faults = (Fault(channel, 0, DAY, kind, retry_after=retry_after),)


@contextmanager
def a_night(cloud: Cloud, operator: Aws, capsys: pytest.CaptureFixture[str]) -> Iterator[Night]:
    """Deploy a stack of its own, with a chat and a pager."""
    inbox = Inbox({"hook": "ops-slack"}, {made_up("key"): "on-call"})
    deployed = deploy(cloud)
    with inbox.serve() as server:
        slack = {"type": "slack", "webhook_url": f"{server.url}/services/T/B/hook"}
        pager = {"type": "pagerduty", "routing_key": made_up("key"), "api_url": server.url}
        deployed.put("channels/ops-slack", slack, secure=True)
        deployed.put("channels/on-call", pager, secure=True)
        yield Night(deployed, operator, inbox, capsys)


def told(kind: Kind = Kind.FIRED, later: int = 0, **changes: object) -> Notice:
    """A notice of the default incident, which fired two days ago."""
    since = window_of(system_clock() - AGO)
    made = notice(kind)
    moved = since - made.since
    at = made.at + moved + later
    return replace(notice(kind, since=since, at=at), **changes)  # type: ignore[arg-type]


def open_for(each: Notice) -> ProjectState:
    """Headroom still has the incident of this notice open."""
    return document(incidents={each.alert_id: incident(last=each, window=each.since)})
