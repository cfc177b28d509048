"""What the function calls when it runs as on Lambda: PolyAI, a pager, an AWS, all on loopback."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from headroom.domain.windows import iso
from headroom_cli.demo.cloud import Cloud
from headroom_cli.demo.config import made_up
from headroom_cli.simulator.http_server import Loopback, Reply, Request
from headroom_cli.simulator.lines import Line
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.receivers import Inbox
from tests.builders import T0
from tests.local.sandbox import TIMEOUT, Code, Sandbox
from tests.support.stack import PREFIX, environment

ROOT = Path(__file__).parents[2]
HERE = Code(Path(sys.executable), ROOT / "functions/check", (ROOT / "layers/headroom",))
"""The code as it lies here, under this Python."""
ACCOUNT = "acme-uk"
NEAR_LIMIT = {"critical": ">= 95%", "channels": ["on-call"]}
"""The rule of every project here; the limit is 120 calls."""


@dataclass
class Pager:
    """PagerDuty; it ends the sandbox that `kills` names while that sends to it."""

    inbox: Inbox = field(default_factory=lambda: Inbox({}, {made_up("on-call"): "on-call"}))
    kills: Sandbox | None = None
    too_late: bool = False
    """Whether it has taken the event by the time of the kill."""

    def answer(self, request: Request) -> Reply:
        """Answer one event, or end who sends it."""
        victim, self.kills = self.kills, None
        if victim is None:
            return self.inbox.answer(request)
        reply = self.inbox.answer(request) if self.too_late else Reply(500, b"")
        victim.kill()
        return reply

    @property
    def ids(self) -> list[str]:
        """Of the notices that it took."""
        return [received.identity for received in self.inbox.received]


@dataclass(frozen=True)
class Around:
    """Everything that the function calls, and its environment."""

    simulator: Simulator
    pager: Pager
    cloud: Cloud
    environment: Mapping[str, str]

    def check(self, sandbox: Sandbox, later: int, seconds: float = TIMEOUT) -> dict[str, Any]:
        """Let a check run so long after `T0`, with so many seconds for it. Returns its report."""
        self.simulator.now = T0 + later
        answer = sandbox.invoke({"time": iso(T0 + later)}, seconds)
        assert answer.kind == "response", answer
        report: dict[str, Any] = answer.body
        return report

    def remove(self, project: str) -> None:
        """Take it out of the configuration."""
        self.cloud.client("ssm").delete_parameter(Name=f"{PREFIX}/projects/{project}")


@contextmanager
def surroundings(calls: Line, rules: Mapping[str, Mapping[str, object]]) -> Iterator[Around]:
    """A project for each rule, of that name and with these calls, whose notices go to the pager."""
    lines = [replace(calls, account_ids=(ACCOUNT,), project_ids=(name,)) for name in rules]
    simulator = Simulator(lines, {made_up("default"): Key(frozenset({ACCOUNT}))}, now=T0)
    pager = Pager()
    with Cloud() as cloud, simulator.serve() as polyai, Loopback(pager.answer) as mail:
        stack = cloud.deploy(ROOT / "template.yaml")
        configure(cloud, rules, mail.url)
        urls = {"HEADROOM_POLYAI_URL": polyai.url, "HEADROOM_CLOCK": "event"}
        yield Around(simulator, pager, cloud, environment(cloud, stack, **urls))


def configure(cloud: Cloud, rules: Mapping[str, Mapping[str, object]], pager_url: str) -> None:
    """Store the parameters that the function reads."""
    for name, rule in rules.items():
        ids = {"region": "uk-1", "account_id": ACCOUNT, "project_id": name}
        project = {**ids, "limit": 120, "rules": {"near-limit": rule}}
        put(cloud, f"projects/{name}", json.dumps(project), "String")
    channel = {"type": "pagerduty", "routing_key": made_up("on-call"), "api_url": pager_url}
    put(cloud, "channels/on-call", json.dumps(channel), "SecureString")
    put(cloud, "keys/default", made_up("default"), "SecureString")


def put(cloud: Cloud, name: str, value: str, kind: str) -> None:
    """Store one."""
    cloud.client("ssm").put_parameter(Name=f"{PREFIX}/{name}", Value=value, Type=kind)
