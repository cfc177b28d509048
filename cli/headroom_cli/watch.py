"""`headroom watch`: the pipeline every minute, until Ctrl-C."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path

from rich.console import Console
from rich.text import Text

from headroom.app import App
from headroom.bootstrap import system_clock
from headroom.bugs import places
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.errors import HeadroomError
from headroom.report import Report
from headroom_cli.console import clock, entry, notice_entry, styled, summary, troubles
from headroom_cli.local import application, remaining

MINUTE = 60


def watch(console: Console, config: Path, state: Path, polyai_url: str | None) -> None:
    """Check now and at every whole minute. Raises what the first check raises, and then nothing."""
    console.print(f"watching {config} every minute; times are UTC; Ctrl-C ends\nstate: {state}")
    screen = Screen(console)
    with application(config, state, screen.default, polyai_url, beats=True) as app:
        try:
            screen.check(app)
            while True:
                screen.wait()
                try:
                    screen.check(app)
                except HeadroomError as error:
                    screen.trouble(str(error))
        except KeyboardInterrupt:
            console.print("stopped; the next start goes on from here")


class Screen:
    """Notices as lines, troubles once, and a line for each check where nothing can be redrawn."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._known: set[str] = set()
        self._last = ""

    def default(self, text: str) -> None:
        """Print what the channel `default` is told."""
        self._console.print(entry(system_clock(), DEFAULT_CHANNEL, styled(text)))

    def check(self, app: App) -> None:
        """Do one check and print what it did; a bug in one project ends nothing."""
        self.report(app.run(system_clock(), remaining()))

    def report(self, report: Report) -> None:
        """Print what one check did."""
        for told in report.told:
            if DEFAULT_CHANNEL not in told.channels:
                self._console.print(notice_entry(report.at, told))
        found = [*troubles(report), *places(report.bugs)]
        for line in found:
            self.trouble(line)
        self._known &= set(found)
        self._last = f"{clock(report.at)}  {summary(report)}"
        if not self._console.is_terminal:
            self._console.print(self._last)

    def trouble(self, line: str) -> None:
        """Print a trouble, unless the check before had it too."""
        if line not in self._known:
            self._known.add(line)
            self._console.print(entry(system_clock(), "--", Text(line, style="yellow")))

    def wait(self) -> None:
        """Sleep until the next whole minute, the last check in view."""
        shown = self._console.status(self._last) if self._console.is_terminal else nullcontext()
        with shown:
            time.sleep(MINUTE - time.time() % MINUTE)
