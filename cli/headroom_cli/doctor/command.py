"""The command: examine everything and print the findings, as lines or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import limit_loggers
from headroom.channels.message import plain
from headroom_cli.doctor.engine import Finding, Probe, Status
from headroom_cli.doctor.examination import examine

OK, TROUBLE = 0, 1
STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red"}
BAD = (Status.FAIL, Status.WARN)
WIDTH = 18
"""Characters of the column with the subjects."""
ROOM = 600
"""Characters of a detail, which may quote others."""
COMMAND = 1200
"""Characters of a fix: a command must not be cut off."""


def doctor(console: Console, probes: Sequence[Probe], *, as_json: bool) -> int:
    """Run the probes, print each finding as it comes, and return the exit code: 1 on a FAIL."""
    limit_loggers()
    found = []
    for finding in examine(probes):
        found.append(finding)
        if not as_json:
            console.print(line(finding))
    healthy = not any(finding.status is Status.FAIL for finding in found)
    if as_json:
        console.print(json.dumps({"healthy": healthy, "findings": [*map(asdict, found)]}, indent=2))
    else:
        console.print(Text(summary(found), style="green" if healthy else "bold red"))
    return OK if healthy else TROUBLE


def line(finding: Finding) -> Text:
    """Format one finding: status, subject, detail, then the fix below."""
    shown = Text.assemble(
        (f"{finding.status:<5} ", STYLES[finding.status]),
        f"{plain(finding.subject, 60):<{WIDTH}} {plain(finding.detail, ROOM)}",
    )
    if finding.fix:
        shown.append(f"\n{'':<6}{'':<{WIDTH}} -> {plain(finding.fix, COMMAND)}", "bold")
    return shown


def summary(found: Sequence[Finding]) -> str:
    """Count the findings: `2 FAIL, 1 warn, 12 ok`."""
    statuses = [finding.status for finding in found]
    bad = [f"{statuses.count(each)} {each}" for each in BAD if each in statuses]
    return ", ".join([*bad, f"{statuses.count(Status.OK)} ok"])
