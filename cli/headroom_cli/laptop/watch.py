"""`headroom watch`: one check every minute, until a signal ends it."""

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
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom.errors import places
from headroom.pipeline.report import Report
from headroom.ports import Deadline
from headroom_cli.config_file.source import FileSource
from headroom_cli.console import clock, entry, styled
from headroom_cli.laptop.application import application, deadline, file_source
from headroom_cli.laptop.edits import hold
from headroom_cli.laptop.making import Making, made, not_made, rest_of_minute
from headroom_cli.laptop.project_table import table
from headroom_cli.laptop.report_lines import notice_entries, problems, summary
from headroom_cli.signals import Stop

MINUTE = 60


def watch(
    console: Console, config: Path, state: Path, polyai_url: str | None, *, everything: bool = False
) -> None:
    """Check now and at every whole minute, until Ctrl-C, SIGTERM or SIGHUP.

    Raises what the first check raises. Later errors, of the configuration, the state file or the
    terminal, do not end it. `everything` shows every project, even if the screen is too small.
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
                screen.make_baselines(app, rest_of_minute())
                screen.wait()
                screen.check_again(app)
    except KeyboardInterrupt:
        console.print("stopped; the next start continues from here")


class Screen:
    """Prints notices, each new problem once, and a table of the projects after each check.

    On a terminal the table is redrawn; elsewhere it is printed after checks that closed a window.
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
        self._making = Making()

    def default(self, text: str) -> None:
        """Print a notice for the channel `default`."""
        self._console.print(entry(system_clock(), DEFAULT_CHANNEL, styled(text)))

    def check(self, app: App) -> None:
        """Run one check and print its report, including bugs in single projects."""
        self.report(app.run(system_clock(), self._stop.within(deadline())))

    def check_again(self, app: App) -> None:
        """Run a later check. Print its errors: the next check may succeed."""
        try:
            self.check(app)
        except Exception as error:  # noqa: BLE001 (nothing may end the watch)
            self._file()
            for line in places([error]):
                self.problem(line)
            self._show("this check failed; the next one runs in a minute")

    def make_baselines(self, app: App, deadline: Deadline) -> None:
        """Make what is usual when it is time to, before the deadline; print what failed."""
        if not self._making.due(system_clock()):
            return
        try:
            with self._in_view():
                report = app.make_baselines(system_clock(), self._stop.within(deadline))
        except Exception as error:  # noqa: BLE001 (nothing may end the watch)
            self._making.failed(system_clock())
            for line in places([error]):
                self.problem(line)
            return
        self._making.done(report)
        for line in made(report):
            self._note(line, "dim")
        for line in [*not_made(report), *places(report.bugs)]:
            self._note(line, "yellow")

    def report(self, report: Report) -> None:
        """Print the report of one check."""
        for channel, notice in notice_entries(report):
            if channel != DEFAULT_CHANNEL:  # the channel `default` prints its own notices
                self._console.print(notice)
        self._file()
        found = [line for line in (*problems(report), *places(report.bugs)) if line != self._held]
        for problem in found:
            self.problem(problem)
        self._known &= set(found)
        rest = table(report, self._console, everything=self._everything)
        news = self._console.is_terminal or report.closed != self._closed
        self._closed = report.closed
        self._making.look(report.baselines_overdue)
        self._show(summary(report), rest if news else ())

    def _file(self) -> None:
        """Say at each check that the edited file is not in force, and once that it is again."""
        before, self._held = self._held, self._source.held if self._source else ""
        if self._held:
            self._note(f"{self._held}; the previous version stays in force", "yellow")
        elif before:
            self._note("the file is in force again", "green")

    def _show(self, first: str, rest: Iterable[Text] = ()) -> None:
        """Show this until the next check; print it where nothing can be redrawn."""
        self._last = [Text(f"{clock(system_clock())}  {first}"), *rest]
        if not self._console.is_terminal:
            self._console.print(*self._last, sep="\n")

    def problem(self, line: str) -> None:
        """Print a problem, unless the previous check had it too."""
        if line not in self._known:
            self._known.add(line)
            self._note(line, "yellow")

    def _note(self, line: str, style: str) -> None:
        self._console.print(entry(system_clock(), "--", Text(line, style=style)))

    def wait(self) -> None:
        """Sleep until the next whole minute, with the table in view. A signal ends it."""
        with self._in_view(), self._stop.idle():
            time.sleep(MINUTE - time.time() % MINUTE)

    @contextmanager
    def _in_view(self) -> Iterator[None]:
        """Draw the table below the lines, and remove it before the next check prints."""
        if not self._console.is_terminal:
            yield
            return
        with Live(Group(*self._last), console=self._console, transient=True, auto_refresh=False):
            yield
