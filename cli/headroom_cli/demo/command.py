"""`headroom demo`: start the services, run the day, print and judge the outcome."""

from __future__ import annotations

import gc
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from headroom.errors import HeadroomError
from headroom_cli.config_file.source import read
from headroom_cli.demo.audit import Audit
from headroom_cli.demo.config import DemoConfig
from headroom_cli.demo.day import Day, Outcome
from headroom_cli.demo.screen import Terminal, figures
from headroom_cli.demo.services import started

ROOT = Path(__file__).resolve().parents[3]
"""The checkout's root."""
ALERTS = ROOT / "examples" / "alerts.yaml"
APP = ROOT / "functions" / "check" / "app.py"


class DemoFailed(HeadroomError):
    """The demo could not run, or lost or repeated a notice."""


def demo(console: Console, log: Path | None) -> None:
    """Run the day and print it. Raises DemoFailed if a notice was lost or came twice."""
    if not APP.exists():
        raise DemoFailed(f"the demo runs from a checkout of the repository; there is no {APP}")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)  # moto would look for this machine's profile
    with tempfile.TemporaryDirectory(prefix="headroom-demo-") as folder:
        outcome = _run(console, log or Path(folder) / "check.log")
    figures(console, outcome)
    _judge(outcome)


def _run(console: Console, log: Path) -> Outcome:
    config = DemoConfig(read(ALERTS, lambda _: "made up by the demo"))
    console.print(
        "Headroom's functions, with AWS, PolyAI, Slack and PagerDuty simulated on loopback."
    )
    console.print(
        f"One simulated Monday with the rules of examples/{ALERTS.name}; times are UTC.\n"
    )
    with ExitStack() as stack:
        with console.status("starting them"):
            services = stack.enter_context(started(ROOT, config, log))
        gc.freeze()  # imported modules stay: the garbage collector need not search them
        screen = stack.enter_context(Terminal(console))
        return Day(services, Audit(config.kinds), screen).run()


def _judge(outcome: Outcome) -> None:
    lost, duplicates = len(outcome.result.lost), len(outcome.result.duplicates)
    if lost or duplicates or outcome.open_pages:
        raise DemoFailed(
            f"{lost} lost, {duplicates} duplicates, {outcome.open_pages} pages left open: "
            "this is a bug in Headroom, please report it"
        )
