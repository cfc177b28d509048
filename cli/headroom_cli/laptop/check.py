"""`headroom check`: one check, for real or as a dry run."""

from __future__ import annotations

import json
from pathlib import Path

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import system_clock
from headroom.pipeline.report import Report
from headroom_cli.console import count
from headroom_cli.laptop.application import application, deadline
from headroom_cli.laptop.project_table import table
from headroom_cli.laptop.report_lines import checked, notice_entries, problems, summary

OK, TROUBLE, BAD_INPUT = 0, 1, 2


def check(config: Path, state: Path, polyai_url: str | None, *, dry_run: bool) -> Report:
    """Run one check now; see `application` for `dry_run`."""
    with application(config, state, _discard, polyai_url, dry_run=dry_run) as app:
        return app.run(system_clock(), deadline())


def show(console: Console, report: Report, *, dry_run: bool, everything: bool = False) -> None:
    """Print what needs attention, the notices, a line for each project, and a summary.

    A notice counts once per channel.
    """
    for line in problems(report):
        console.print(Text(line, style="yellow"))
    for _, notice in notice_entries(report, zone=" UTC"):
        console.print(notice)
    for line_of_project in table(report, console, everything=everything):
        console.print(line_of_project)
    if dry_run:
        console.print(f"{checked(report)}; {count(report.sent, 'notice')} would be sent")
    else:
        console.print(summary(report))


def show_json(report: Report) -> str:
    """Format the report as JSON, as the Lambda function returns it."""
    return json.dumps(report.as_json(), indent=2)


def exit_code(report: Report, *, dry_run: bool = False) -> int:
    """Return 2 if any part of the configuration is invalid, 1 if anything else needs attention.

    Pending notices need attention, except in a dry run, which sends none.
    """
    if report.invalid or report.faults:
        return BAD_INPUT
    left = report.pending and not dry_run
    return TROUBLE if report.unreachable or report.problems or left else OK


def _discard(text: str) -> None:
    """Print nothing for the channel `default`: `show` prints every notice from the report."""
