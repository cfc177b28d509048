"""`headroom check`: one check, for real or only to see what it would send."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import system_clock
from headroom.report import Report
from headroom_cli.console import count
from headroom_cli.laptop.application import application, remaining, state_copy
from headroom_cli.laptop.project_table import table
from headroom_cli.laptop.report_lines import checked, notice_entries, summary, troubles

OK, TROUBLE, BAD_INPUT = 0, 1, 2


def check(config: Path, state: Path, polyai_url: str | None, *, dry_run: bool) -> Report:
    """One check now. With `dry_run` on a copy of the state, nothing written and nothing sent."""
    if dry_run:
        with state_copy(state) as copy, application(config, copy, _nowhere, polyai_url) as app:
            return app.run(system_clock(), remaining(), dry_run=True)
    with application(config, state, _nowhere, polyai_url) as app:
        return app.run(system_clock(), remaining())


def show(console: Console, report: Report, *, dry_run: bool, everything: bool = False) -> None:
    """Print the troubles, the notices, a line for each project, and a sum.

    A notice counts once for each of its channels.
    """
    for line in troubles(report):
        console.print(Text(line, style="yellow"))
    for _, notice in notice_entries(report, zone=" UTC"):
        console.print(notice)
    for line_of_project in table(report, console, everything=everything):
        console.print(line_of_project)
    if dry_run:
        sends = sum(len(told.channels) for told in report.told)
        console.print(f"{checked(report)}; {count(sends, 'notice')} would be sent")
    else:
        console.print(summary(report))


def show_json(report: Report) -> str:
    """The report as the function returns it."""
    return json.dumps(report.as_json(), indent=2)


def exit_code(report: Report, *, dry_run: bool = False) -> int:
    """2 when any part of the configuration is invalid, 1 when something else is amiss.

    Notices that no channel took yet are amiss, but for those that a dry run does not send.
    """
    if report.refused or report.faults:
        return BAD_INPUT
    left = report.pending and not dry_run
    return TROUBLE if report.unreachable or report.problems or left else OK


def _nowhere(text: str) -> None:
    """Every notice is shown by its report, so what the channel `default` is told adds nothing."""
