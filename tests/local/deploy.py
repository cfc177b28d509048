"""`make deploy-local`: the real stack on this machine, to play with until Ctrl-C."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.text import Text

from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom_cli.console import count, entry, styled, terminal
from headroom_cli.simulator.set_by_hand import now
from tests.local.aws import ROOT, LocalAws
from tests.local.listener import Listener
from tests.local.services import LocalServices
from tests.local.stack import ALERTS, CommandFailed, Stack

PORT = 4566
"""As MiniStack's own documentation has it; another one when this is taken."""


class Screen:
    """Prints what is new: checks, and notices where they land."""

    def __init__(
        self, console: Console, stack: Stack, world: LocalServices, topic: Listener
    ) -> None:
        self._console = console
        self._stack = stack
        self._inbox = world.inbox
        self._topic = topic
        self._checks = self._received = self._heard = 0

    def show(self) -> None:
        """Print all that came since the last time."""
        for check in list(self._stack.checks())[self._checks :]:
            self._checks += 1
            self._check(check)
        for received in self._inbox.received[self._received :]:
            self._received += 1
            self._line(received.at, received.channel, styled(received.headline))
        for heard in self._topic.collect()[self._heard :]:
            self._heard += 1
            self._line(now(), f"{DEFAULT_CHANNEL} (SNS)", styled(heard.notice["summary"]))

    def _check(self, logged: dict[str, Any]) -> None:
        checked = f"check: {count(logged['checked'], 'project')} checked"
        self._line(now(), "--", Text(checked, style="dim"))
        for problem in logged["problems"]:
            self._line(now(), "--", Text(problem, style="yellow"))

    def _line(self, at: Instant, source: str, text: Text) -> None:
        self._console.print(entry(at, source, text))


def guide(aws: LocalAws, stack: Stack, world: LocalServices) -> str:
    """Where everything is, and what to try."""
    names = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    variables = {name: aws.environment[name] for name in names} | dict(world.secrets)
    exports = "\n".join(f"  export {name}={shlex.quote(text)}" for name, text in variables.items())
    facts = "\n".join(f"  {name:<20} {value}" for name, value in stack.outputs.items())
    return f"""
The stack {stack.name} runs: a check on every whole minute (UTC). Ctrl-C deletes and ends it all.

{facts}
  {"AWS":<20} {aws.url}
  {"PolyAI":<20} {world.polyai_url}

In another terminal, let a line fill up, and calm down again (it is over once a window of five
minutes has closed below; a check follows within the minute):

  curl -X PUT -d 118 {world.dial_url("support-line")}    # of 120: critical
  curl -X PUT -d 100 {world.dial_url("support-line")}    # a warning
  curl -X PUT -d 30 {world.dial_url("support-line")}     # well again
  curl -X PUT -d 59 {world.dial_url("sales-line")}       # of 60

Or edit a copy of {ALERTS.relative_to(ROOT)} and put it in force:

{exports}
  .venv/bin/headroom push --config COPY.yaml --prefix {stack.prefix}

With the same exports, look at all of it as at night; and with a wrong OPS_SLACK_URL pushed, let a
line fill up and send again what Slack refused:

  .venv/bin/headroom doctor --stack {stack.name}
  .venv/bin/headroom redrive --stack {stack.name}

What lands, and where:
"""


def play(console: Console) -> None:
    """Deploy, then show what happens until Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="headroom-local-") as folder:
        log = Path(folder) / "ministack.log"
        with LocalAws(log, PORT) as aws, LocalServices() as world:
            stack = Stack(aws, "headroom-local")
            with console.status("deploying the stack, about 20 s"):
                stack.deploy(PolyaiUrl=world.polyai_url, ConfigTtl="0")
                stack.push(world.secrets)
                topic = Listener(aws, "headroom-local-reader", stack.outputs["TopicArn"])
            console.print(guide(aws, stack, world))
            screen = Screen(console, stack, world, topic)
            while True:
                screen.show()
                time.sleep(1)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """End cleanly on Ctrl-C and when asked to stop."""
    signal.signal(signal.SIGTERM, _interrupt)
    console = terminal()
    try:
        play(console)
    except KeyboardInterrupt:
        console.print("ended; nothing of it is left")
    except CommandFailed as error:
        sys.exit(f"it could not be deployed: {error}")


if __name__ == "__main__":
    main()
