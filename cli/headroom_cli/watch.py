"""`headroom watch`: the pipeline every minute, until it is told to end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from headroom.app import App
from headroom.bootstrap import system_clock
from headroom.bugs import places
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom.report import Report
from headroom_cli.config_file.source import FileSource
from headroom_cli.console import clock, entry, notice_entries, styled, summary, troubles
from headroom_cli.edits import hold
from headroom_cli.lines import table
from headroom_cli.local import application, file_source, remaining
from headroom_cli.stop import Stop

MINUTE = 60


def watch(
    console: Console, config: Path, state: Path, polyai_url: str | None, *, everything: bool = False
) -> None:
    """Check now and at every whole minute, until Ctrl-C, SIGTERM or SIGHUP.

    Raises what the first check raises; after that nothing ends it: neither the file of the
    configuration, nor the state's, nor the terminal. `everything`: a line for each project, also
    where they do not fit the screen.
    """
    console.print(f"watching {config} every minute; times are UTC; Ctrl-C ends\nstate: {state}")
    source, stop = file_source(config, state, hold), Stop()
    screen = Screen(console, source, stop, everything=everything)
    try:
        with (
            stop.listening(),
            application(
                config, state, screen.default, polyai_url, source=source, beats=True
            ) as app,
        ):
            screen.check(app)
            while True:
                screen.wait()
                screen.check_again(app)
    except KeyboardInterrupt:
        console.print("stopped; the next start goes on from here")


class Screen:
    """Notices as lines, troubles once, and the projects as the last check left them.

    On a terminal these are redrawn; elsewhere they follow each check that closed a window.
    """

    def __init__(
        self,
        console: Console,
        source: FileSource | None = None,
        stop: Stop | None = None,
        *,
        everything: bool = False,
    ) -> None:
        self._console = console
        self._source = source
        self._stop = stop or Stop()
        self._everything = everything
        self._known: set[str] = set()
        self._held = ""
        self._closed: Instant | None = None
        self._last: list[Text] = []

    def default(self, text: str) -> None:
        """Print what the channel `default` is told."""
        self._console.print(entry(system_clock(), DEFAULT_CHANNEL, styled(text)))

    def check(self, app: App) -> None:
        """Do one check and print what it did; a bug in one project ends nothing."""
        self.report(app.run(system_clock(), self._stop.within(remaining())))

    def check_again(self, app: App) -> None:
        """Do a later check: what stops it is printed, and the next one may go well."""
        try:
            self.check(app)
        except Exception as error:  # noqa: BLE001 (nothing may end the watch)
            self._file()
            for line in places([error]):
                self.trouble(line)
            self._show("this check failed; the next one is due in a minute")

    def report(self, report: Report) -> None:
        """Print what one check did."""
        for channel, notice in notice_entries(report):
            if channel != DEFAULT_CHANNEL:  # `default` has printed its own
                self._console.print(notice)
        self._file()
        found = [line for line in (*troubles(report), *places(report.bugs)) if line != self._held]
        for trouble in found:
            self.trouble(trouble)
        self._known &= set(found)
        rest = table(report, self._console, everything=self._everything)
        news = self._console.is_terminal or report.closed != self._closed
        self._closed = report.closed
        self._show(summary(report), rest if news else ())

    def _file(self) -> None:
        """Say at every check that the file is not what is in force, and once that it is again."""
        before, self._held = self._held, self._source.held if self._source else ""
        if self._held:
            self._note(f"{self._held}; what was read before stays in force", "yellow")
        elif before:
            self._note("the file is in force again", "green")

    def _show(self, first: str, rest: Iterable[Text] = ()) -> None:
        """Have this in view until the next check, or print it where nothing can be redrawn."""
        self._last = [Text(f"{clock(system_clock())}  {first}"), *rest]
        if not self._console.is_terminal:
            self._console.print(*self._last, sep="\n")

    def trouble(self, line: str) -> None:
        """Print a trouble, unless the check before had it too."""
        if line not in self._known:
            self._known.add(line)
            self._note(line, "yellow")

    def _note(self, line: str, style: str) -> None:
        self._console.print(entry(system_clock(), "--", Text(line, style=style)))

    def wait(self) -> None:
        """Sleep until the next whole minute, the projects in view; a signal ends it."""
        with self._in_view(), self._stop.idle():
            time.sleep(MINUTE - time.time() % MINUTE)

    @contextmanager
    def _in_view(self) -> Iterator[None]:
        """Below what was printed, and gone when the next check prints its own."""
        if not self._console.is_terminal:
            yield
            return
        with Live(Group(*self._last), console=self._console, transient=True, auto_refresh=False):
            yield
