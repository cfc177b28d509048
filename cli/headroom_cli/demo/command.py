"""`headroom demo`: set the stage, let the day run, say what came of it."""

from __future__ import annotations

import gc
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from headroom.errors import HeadroomError
from headroom_cli.config_file.source import read
from headroom_cli.demo.day import Day, Outcome
from headroom_cli.demo.ledger import Ledger
from headroom_cli.demo.parts import started
from headroom_cli.demo.screen import Terminal, figures
from headroom_cli.demo.wiring import Wiring

ROOT = Path(__file__).resolve().parents[3]
"""Of the checkout."""
ALERTS = ROOT / "examples" / "alerts.yaml"
APP = ROOT / "functions" / "check" / "app.py"


class DemoFailed(HeadroomError):
    """The demo could not be shown, or showed what must not be."""


def demo(console: Console, log: Path | None) -> None:
    """Play the day and print it. Raises DemoFailed when a notice was lost or came twice."""
    if not APP.exists():
        raise DemoFailed(f"the demo runs from a checkout of the repository; there is no {APP}")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)  # moto would look for this machine's profile
    with tempfile.TemporaryDirectory(prefix="headroom-demo-") as folder:
        outcome = _play(console, log or Path(folder) / "check.log")
    figures(console, outcome)
    _judge(outcome)


def _play(console: Console, log: Path) -> Outcome:
    wiring = Wiring(read(ALERTS, lambda _: "made up by the demo"))
    console.print("Headroom on embedded parts: AWS, PolyAI, Slack and PagerDuty on loopback.")
    console.print(f"One simulated Monday with the rules of examples/{ALERTS.name}.\n")
    with ExitStack() as stack:
        with console.status("starting them"):
            parts = stack.enter_context(started(ROOT, wiring, log))
        gc.freeze()  # what was imported stays: not worth searching for garbage again and again
        screen = stack.enter_context(Terminal(console))
        return Day(parts, Ledger(wiring.kinds), screen).run()


def _judge(outcome: Outcome) -> None:
    lost, duplicates = len(outcome.balance.lost), len(outcome.balance.duplicates)
    if lost or duplicates or outcome.open_pages:
        raise DemoFailed(
            f"{lost} lost, {duplicates} duplicates, {outcome.open_pages} pages left open: "
            "this must not be, please report it"
        )
