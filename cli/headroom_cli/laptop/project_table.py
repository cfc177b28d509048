"""A table of projects: status, calls, share of the limit, last hour. The most urgent come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from headroom.channels.message import BARS, NO_READING, bar, plain
from headroom.domain.formatting import percent
from headroom.domain.headline import CONFIG, UNREACHABLE
from headroom.domain.hours import Hours
from headroom.domain.incidents import Incident
from headroom.domain.rules import Severity
from headroom.domain.self_monitoring import OWN_DOCUMENTS
from headroom.domain.usage import Calls, Hour
from headroom.domain.windows import WINDOW, Instant, window_of
from headroom.pipeline.report import Report
from headroom_cli.console import clock, count
from headroom_cli.hours.timeline import local_date, local_time, next_change

OK, INVALID, UNREAD = "ok", "invalid config", "cannot be read"
STYLES = {
    Severity.CRITICAL.upper(): "bold red",
    Severity.WARNING.upper(): "yellow",
    INVALID: "yellow",
    UNREAD: "yellow",
    OK: "green",
}
"""Colour by status, the most urgent first."""
ORDER = list(STYLES)
LISTED_ABOVE = {INVALID, UNREAD}
"""Projects of these statuses have no row unless there are calls to show."""
BUILT_IN = {CONFIG, UNREACHABLE}
"""Rules whose incidents repeat the status."""
ASCII_BARS, ASCII_NO_READING = "_.:-=+*#", "?"
"""For terminals that cannot show block characters."""
NAME, RULES = 32, 60
"""Characters of a project's name, and of its rules."""
SHOWN = 20
"""Rows where the screen has no height."""
AROUND = 8
"""Screen lines left for everything else."""


@dataclass(frozen=True, slots=True)
class Row:
    """One project after one check."""

    name: str
    status: str
    calls: str
    share: int
    """Percent of the limit; -1 without a limit or calls."""
    spark: str
    rules: str
    """Those that fire, those that are not judged, or when the first one is active again."""


def rows(report: Report, *, ascii_only: bool) -> list[Row]:
    """Return a row per project: the most urgent first, then the nearest to its limit."""
    unread = report.unreachable.keys() - OWN_DOCUMENTS
    names = report.incidents.keys() | report.invalid.keys() | unread
    made = [_row(report, name, ascii_only=ascii_only) for name in names]
    return sorted(made, key=lambda each: (ORDER.index(each.status), -each.share, each.name))


def table(report: Report, console: Console, *, everything: bool) -> Iterator[Text]:
    """Yield as many rows as fit on the screen, then the number of the others.

    Projects without calls are only counted: `report_lines.problems` lists their causes. With
    `everything` each project has a row.
    """
    found = rows(report, ascii_only=not _drawable(console.encoding))
    room = max(SHOWN // 2, console.height - AROUND) if console.is_terminal else SHOWN
    listed = [each for each in found if each.spark or each.status not in LISTED_ABOVE]
    shown = found if everything else listed if len(listed) <= room else listed[: room - 1]
    width = max((len(plain(each.name, NAME)) for each in shown), default=0)
    calls = max((len(each.calls) for each in shown), default=0)
    status = max((len(each.status) for each in shown), default=0)
    for each in shown:
        yield _text(each, (status, width, calls))
    rest = Counter(each.status for each in found) - Counter(each.status for each in shown)
    if rest:
        parts = ", ".join(f"{rest[status]:,} {status}" for status in ORDER if rest[status])
        more = f"and {rest.total():,} more" if shown else count(rest.total(), "project")
        yield Text(f"{more}: {parts} (--all shows each)", style="dim")


def spark(hour: Hour, opened: int, *, ascii_only: bool) -> str:
    """Draw the last hour, scaled 0 to the limit or the peak; `opened` windows are in brackets."""
    if not any(value is not None for value in hour.peaks):
        return ""
    top = hour.limit or max(1, *(value or 0 for value in hour.peaks))
    bars, none = (ASCII_BARS, ASCII_NO_READING) if ascii_only else (BARS, NO_READING)
    drawn = [none if value is None else bar(value, top, bars) for value in hour.peaks]
    closed = len(drawn) - opened
    return f"{''.join(drawn[:closed])}[{''.join(drawn[closed:])}]"


def _row(report: Report, name: str, *, ascii_only: bool) -> Row:
    incidents = [i for i in report.incidents.get(name, ()) if i.last.rule not in BUILT_IN]
    hour, known = report.hours.get(name, Hour((), None)), report.calls.get(name)
    opened = (window_of(report.at) - (report.closed or report.at)) // WINDOW
    return Row(
        name=name,
        status=_status(report, name, incidents),
        calls=_calls(report, hour, known),
        share=percent(known.calls, known.limit) if known and known.limit else -1,
        spark=spark(hour, opened, ascii_only=ascii_only),
        rules=_rules(
            incidents, report.unjudged.get(name, ()), _outside(report.inactive.get(name), report.at)
        ),
    )


def _status(report: Report, name: str, incidents: Sequence[Incident]) -> str:
    if incidents:
        return max(
            (each.episode.severity for each in incidents), key=lambda each: each.rank
        ).upper()
    if name in report.unreachable:
        return UNREAD
    invalid = name in report.invalid or name in report.unjudged or name not in report.hours
    return INVALID if invalid else OK


def _calls(report: Report, hour: Hour, known: Calls | None) -> str:
    """Format the newest calls, with their time if they are old."""
    if known:
        return f"{known.calls}/{known.limit}" if known.limit else str(known.calls)
    last = window_of(report.at)
    for age, value in enumerate(reversed(hour.peaks)):
        if value is not None:
            return f"{value} at {clock(last - age * WINDOW)}"
    return "no reading" if hour.peaks else "-"


def _rules(incidents: Iterable[Incident], unjudged: Collection[str], outside: str) -> str:
    ranked = sorted(incidents, key=lambda each: (-each.episode.severity.rank, each.episode.window))
    names = [f"{each.last.rule} {each.last.series_name or each.last.series}" for each in ranked]
    firing = ", ".join(name.strip() for name in names)
    blind = f"not judged: {', '.join(sorted(unjudged))}" if unjudged else ""
    return plain("; ".join(filter(None, [firing, blind, outside])), RULES)


def _outside(hours: Collection[Hours] | None, now: Instant) -> str:
    """Format as `outside hours until Mon 08:00 Europe/London`; empty if a rule is active."""
    if not hours:
        return ""
    begins = [(at, each.zone) for each in hours if (at := next_change(each, now)) is not None]
    if not begins:
        return "outside hours"
    at, zone = min(begins)
    return f"outside hours until {local_date(zone, at):%a} {local_time(zone, at)} {zone}"


def _text(row: Row, widths: tuple[int, int, int]) -> Text:
    status, name, calls = widths
    columns = (
        f"{plain(row.name, NAME):<{name}}",
        f"{row.calls:>{calls}}",
        f"{row.share:>3}%" if row.share >= 0 else f"{'':>4}",
        f"{row.spark:<16}",
        row.rules,
    )
    return Text.assemble(
        (f"{row.status:<{status}}  ", STYLES[row.status]),
        "  ".join(columns).rstrip(),
        no_wrap=True,  # a redrawn screen counts its lines
        overflow="crop",
    )


def _drawable(encoding: str) -> bool:
    try:
        (BARS + NO_READING).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
