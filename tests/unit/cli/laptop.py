"""A laptop with one full line, and the operator's command on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headroom.bootstrap import system_clock
from headroom_cli.demo.config import made_up
from headroom_cli.main import run
from headroom_cli.simulator.lines import HOUR, Course, Line
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.receivers import Inbox

ALERTS = """
defaults: {{region: uk-1, account_id: acme}}
projects:
  support-line:
    project_id: support
    limit: 20
    channels: [ops-slack]
    rules:
      near-limit: {{warning: "{condition}"}}
channels:
  ops-slack: {{type: slack, webhook_url: "{inbox}/services/T/B/hook"}}
keys:
  default: {key}
"""


class Laptop:
    """A file, a state, PolyAI and Slack on loopback: one line that is full."""

    def __init__(self, folder: Path, polyai: str, inbox: tuple[Inbox, str]) -> None:
        self.config, self.state = folder / "alerts.yaml", folder / "state.sqlite"
        self.inbox, self._inbox_url = inbox
        self.polyai = polyai
        self.write()

    def write(self, condition: str = ">= 80%", key: str = made_up("key")) -> None:
        text = ALERTS.format(condition=condition, key=key, inbox=self._inbox_url)
        self.edit(text)

    def edit(self, text: str) -> None:
        """Have written this a minute ago."""
        self.config.write_text(text, "utf-8")
        os.utime(self.config, (system_clock() - 60,) * 2)

    @property
    def options(self) -> list[str]:
        where = ["--config", str(self.config), "--state", str(self.state)]
        return [*where, "--polyai-url", self.polyai]

    def check(self, *more: str) -> int:
        return headroom("check", *self.options, *more)


def headroom(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    return int(ended.value.code or 0)


@contextmanager
def a_laptop(folder: Path) -> Iterator[Laptop]:
    now = system_clock()
    full = Course(((now - 2 * HOUR, 30), (now + HOUR, 30)))
    line = Line(("acme",), ("support",), 3, 10, courses=(full,))
    simulator = Simulator((line,), {made_up("key"): Key(frozenset(("acme",)))}, now=now)
    inbox = Inbox({"hook": "ops-slack"}, {})
    with simulator.serve() as polyai, inbox.serve() as slack:
        yield Laptop(folder, polyai.url, (inbox, slack.url))
