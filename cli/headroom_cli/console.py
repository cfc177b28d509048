"""What the commands say on a terminal; plain text everywhere else, and with NO_COLOR."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from headroom.domain.alerts import Told
from headroom.domain.windows import Instant, iso
from headroom.report import Report

STYLES: Mapping[str, str] = {
    "CRITICAL": "bold red",
    "WARNING": "yellow",
    "STILL": "magenta",
    "MISSED": "magenta",
    "EASED": "cyan",
    "RESOLVED": "green",
    "CLOSED": "green",
    "resolve:": "green",
}
"""By a notice's first word: the colour only says it again."""


def terminal(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, whatever names are in it."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=stderr)


def styled(headline: str) -> Text:
    """Colour a notice's first line."""
    return Text(headline, style=STYLES.get(headline.split(" ", 1)[0], ""))


def clock(instant: Instant) -> str:
    """Hours and minutes, UTC."""
    return iso(instant)[11:16]


def entry(at: Instant, source: str, text: Text, width: int = 18, *, zone: str = "") -> Text:
    """One line of a log: when, where, what. `zone` follows the time where no head names it."""
    return Text.assemble((f"{clock(at)}{zone}", "dim"), f"  {source:<{width}}  ", text)


def notice_entry(at: Instant, told: Told, *, zone: str = "") -> Text:
    """When, to whom, what."""
    channels = ", ".join(told.channels) or "nobody"
    return entry(at, channels, styled(told.notice.summary), zone=zone)


def troubles(report: Report) -> list[str]:
    """What somebody should look at: a line each."""
    unreachable = [
        f"cannot read {name}: {why}"
        for name, why in report.unreachable.items()
        if f"{name}: {why}" not in report.problems  # said once is enough
    ]
    refused = [f"config refused {name}: {why}" for name, why in report.refused.items()]
    return [*sorted(unreachable), *sorted(refused), *report.problems]


def checked(report: Report) -> str:
    """How many projects were evaluated, and how many of them in vain."""
    failed = len(report.unreachable)
    unread = f", {failed} of them could not be read" if failed else ""
    return f"{report.checked} of {report.projects} projects checked{unread}"


def summary(report: Report) -> str:
    """One check in a line."""
    pending = f", {report.pending} still to be sent" if report.pending else ""
    return (
        f"{checked(report)}, in {report.duration_seconds:.1f} s; "
        f"{count(report.sent, 'notice')} sent{pending}"
    )


def count(number: int, thing: str) -> str:
    """As in `1 notice` and `2 notices`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
