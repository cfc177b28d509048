"""The command: examine, and say it in lines or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from headroom.bootstrap import hush
from headroom.channels.message import plain
from headroom_cli.doctor.examination import examine
from headroom_cli.doctor.findings import Finding, Level, Probe

OK, TROUBLE = 0, 1
STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
WIDTH = 18
"""Of the column that names what was looked at."""
ROOM = 600
"""Characters; names and words of others are text, and never more than that."""
COMMAND = 1200
"""Characters of a fix: half a command is useless."""


def doctor(console: Console, probes: Sequence[Probe], *, as_json: bool) -> int:
    """Look at everything, print each finding as it comes, and return the exit code: 1 on a FAIL."""
    hush()
    found = []
    for finding in examine(probes):
        found.append(finding)
        if not as_json:
            console.print(line(finding))
    healthy = not any(finding.level is Level.FAIL for finding in found)
    if as_json:
        console.print(json.dumps({"healthy": healthy, "findings": [*map(asdict, found)]}, indent=2))
    else:
        console.print(Text(summary(found), style="green" if healthy else "bold red"))
    return OK if healthy else TROUBLE


def line(finding: Finding) -> Text:
    """Format one finding: level, subject, detail, then the fix below it."""
    shown = Text.assemble(
        (f"{finding.level:<5} ", STYLES[finding.level]),
        f"{plain(finding.what, 60):<{WIDTH}} {plain(finding.detail, ROOM)}",
    )
    if finding.way_out:
        shown.append(f"\n{'':<6}{'':<{WIDTH}} -> {plain(finding.way_out, COMMAND)}", "bold")
    return shown


def summary(found: Sequence[Finding]) -> str:
    """As in `2 FAIL, 1 warn, 12 ok`."""
    levels = [finding.level for finding in found]
    bad = [f"{levels.count(each)} {each}" for each in (Level.FAIL, Level.WARN) if each in levels]
    return ", ".join([*bad, f"{levels.count(Level.OK)} ok"])
