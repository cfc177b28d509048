"""The demo's screen: notices as they arrive, progress, and the final figures."""

from __future__ import annotations

from collections import Counter
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from headroom.domain.notices import Kind
from headroom.domain.windows import Instant
from headroom_cli.console import clock, count, entry, styled
from headroom_cli.demo import scenario
from headroom_cli.demo.day import Outcome
from headroom_cli.simulator.lines import HOUR
from headroom_cli.simulator.receivers import Received

CHANNEL = 10
"""Characters of the column with the channels' names."""


class Terminal:
    """Lines above a progress bar; without a terminal, a line per simulated hour."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("minutes"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("00:00", total=scenario.CHECKS)

    def __enter__(self) -> Self:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self._progress.stop()

    def scene(self, at: Instant, text: str) -> None:
        """Show an event of the scenario."""
        self._line(at, "--", Text(text, style="dim"))

    def notice(self, received: Received) -> None:
        """Show a notice that arrived."""
        self._line(received.at, received.channel, styled(received.headline))

    def progress(self, at: Instant, checks: int, requests: int) -> None:
        """Move the bar; without a terminal, print the progress each hour."""
        self._progress.update(self._task, advance=1, description=clock(at))
        if at % HOUR == 0 and not self._console.is_terminal:
            asked = f"{count(requests, 'request')} to PolyAI"
            self._line(at, "..", Text(f"{count(checks, 'check')}, {asked}"))

    def _line(self, at: Instant, source: str, text: Text) -> None:
        self._console.print(entry(at, source, text, CHANNEL))


def figures(console: Console, outcome: Outcome) -> None:
    """Print the final tables."""
    for table in (_notices(outcome), _counts(outcome)):
        console.print()
        console.print(table)
    for title, lines in (("lost", outcome.result.lost), ("twice", outcome.result.duplicates)):
        for line in lines:
            console.print(Text(f"{title}: {line}", style="bold red"), soft_wrap=True)


def _notices(outcome: Outcome) -> Table:
    delivered = outcome.result.delivered
    channels = sorted({channel for _, channel in delivered})
    table = Table("notices", box=None, padding=(0, 2, 0, 0))
    for channel in channels:
        table.add_column(channel, justify="right")
    for kind in Kind:
        table.add_row(kind, *(str(delivered[kind, channel]) for channel in channels))
    sums = (sum(delivered[kind, channel] for kind in Kind) for channel in channels)
    table.add_row("total", *map(str, sums), style="bold")
    return table


def _counts(outcome: Outcome) -> Table:
    lost, duplicates = len(outcome.result.lost), len(outcome.result.duplicates)
    skipped = f"{len(scenario.SKIPPED)} were skipped"
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name, figure, remark in (
        ("checks", outcome.checks, f"{skipped}; the day took {outcome.seconds:.0f} s"),
        ("baselines made", outcome.baselines, ""),
        ("requests to PolyAI", outcome.requests.total(), _by_status(outcome.requests)),
        ("refused by channels", outcome.refused.total(), _by_status(outcome.refused)),
        ("pages left open", outcome.open_pages, ""),
        ("duplicates", duplicates, "every notice arrived once" if not duplicates else ""),
        ("lost", lost, "every expected notice arrived" if not lost else ""),
    ):
        table.add_row(name, f"{figure:,}", Text(remark, style="dim"))
    return table


def _by_status(counts: Counter[int]) -> str:
    return ", ".join(f"{counts[status]:,} x {status}" for status in sorted(counts))
