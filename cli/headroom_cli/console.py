"""What the commands say on a terminal; plain text everywhere else, and with NO_COLOR."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, cast

from rich.console import Console
from rich.text import Text

from headroom.config.wording import named
from headroom.domain.formatting import within_project
from headroom.domain.headline import CONFIG, UNREACHABLE
from headroom.domain.notices import Notice
from headroom.domain.windows import Instant, iso
from headroom.pipeline.report import Report
from headroom_cli.output import Steady

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
SHOWN = 5
"""Names in one line."""
_ONE_REQUEST = re.compile(r" \(correlation id [^)]*\)")
"""What tells two failures of one cause apart: who asks PolyAI about one has it from the report."""


def terminal(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, whatever names are in it. It never fails."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=cast("IO[str]", Steady(stream)) if stream else None,  # None: it was closed at start
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        stderr=stderr,
    )


def styled(headline: str) -> Text:
    """Colour a notice's first line."""
    return Text(headline, style=STYLES.get(headline.split(" ", 1)[0], ""))


def clock(instant: Instant) -> str:
    """Hours and minutes, UTC."""
    return iso(instant)[11:16]


def entry(at: Instant, source: str, text: Text, width: int = 18, *, zone: str = "") -> Text:
    """One line of a log: when, where, what. `zone` follows the time where no head names it."""
    return Text.assemble((f"{clock(at)}{zone}", "dim"), f"  {source:<{width}}  ", text)


def notice_entries(report: Report, *, zone: str = "") -> Iterator[tuple[str, Text]]:
    """The channel, and when, to whom, what: a line for each send, as notices are counted.

    What Headroom says of many projects for one cause is one line with their number.
    """
    causes: dict[tuple[str, ...], list[Notice]] = {}
    for told in report.notices:
        for channel in told.channels or ("nobody",):
            causes.setdefault((channel, *_cause(told.notice)), []).append(told.notice)
    for (channel, *_), notices in causes.items():
        yield channel, entry(report.at, channel, _headline(notices), zone=zone)


def _cause(notice: Notice) -> tuple[str, ...]:
    """What notices of one cause have in common, whatever their project."""
    if notice.rule not in (CONFIG, UNREACHABLE):
        return (notice.project, notice.id)
    return notice.rule, notice.kind, notice.severity, _reason(notice)


def _reason(notice: Notice) -> str:
    """Why, without what tells the notices of one cause apart."""
    return within_project(notice.project, notice.details.placed(notice.reason))


def _headline(notices: Sequence[Notice]) -> Text:
    first = notices[0]
    if len(notices) == 1:
        return styled(first.summary)
    begins = first.summary.partition(first.project)[0]  # as in `WARNING invalid config `
    names = listed_names(notice.project for notice in notices)
    return styled(f"{begins}{names}: {_reason(first)} ({count(len(notices), 'notice')})")


def troubles(report: Report) -> list[str]:
    """What somebody should look at: a line for each cause, however many projects have it."""
    said = {f"{name}: {why}" for name, why in report.unreachable.items()}
    return [
        *_caused("cannot read", report.unreachable.items()),
        *_caused("invalid config", report.refused.items()),
        *(line for line in report.problems if line not in said),  # once is enough
    ]


def _caused(what: str, troubled: Iterable[tuple[str, str]]) -> list[str]:
    causes = by_cause(troubled).items()
    return sorted(f"{what} {listed_names(names)}: {why}" for why, names in causes)


def by_cause(troubled: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Names by their trouble, one project's in full: a slip in `defaults` is every project's."""
    causes: dict[str, list[tuple[str, str]]] = {}
    for name, why in troubled:
        cause = _ONE_REQUEST.sub("", within_project(name, why))
        causes.setdefault(cause, []).append((name, why))
    return {
        why if len(found) > 1 else found[0][1]: [name for name, _ in found]
        for why, found in causes.items()
    }


def listed_names(names: Iterable[str]) -> str:
    """As in `a, b, c, d, e and 9 more`: the reason comes after them, and must not be cut off."""
    found = sorted(map(named, names))
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


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
