"""A report as lines for the terminal: its notices, what needs attention, and a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from headroom.delivery.decisions import Outcome
from headroom.domain.formatting import within_project
from headroom.domain.headline import CONFIG, UNREACHABLE
from headroom.domain.notices import Notice
from headroom.pipeline.report import Report
from headroom_cli.console import by_cause, count, entry, listed_names, styled

NOT_SENT = {
    Outcome.WAIT: " (not sent yet: {})",
    Outcome.WITHHOLD: " (not sent: {})",
    Outcome.FAIL: " (failed: {})",
}


def notice_entries(report: Report, *, zone: str = "") -> Iterator[tuple[str, Text]]:
    """Yield the channel and a line for each notice and channel, with the reason if it is not sent.

    Built-in alerts of many projects with one cause share a line, with their number.
    """
    not_sent = {
        (each.notice.id, channel): NOT_SENT[each.outcome].format(each.reason)
        for each in report.not_sent
        for channel in each.channels
    }
    causes: dict[tuple[str, ...], list[Notice]] = {}
    for routed in report.notices:
        for channel in routed.channels or ("nobody",):
            remark = not_sent.get((routed.notice.id, channel), "")
            key = (channel, remark, *_cause(routed.notice))
            causes.setdefault(key, []).append(routed.notice)
    for (channel, remark, *_), notices in causes.items():
        text = _headline(notices).append(remark, "dim")
        yield channel, entry(report.at, channel, text, zone=zone)


def _cause(notice: Notice) -> tuple[str, ...]:
    """Return what notices with one cause have in common, whatever their project."""
    if notice.rule not in (CONFIG, UNREACHABLE):
        return (notice.project, notice.id)
    return notice.rule, notice.kind, notice.severity, _reason(notice)


def _headline(notices: Sequence[Notice]) -> Text:
    first = notices[0]
    if len(notices) == 1:
        return styled(first.summary)
    begins = first.summary.partition(first.project)[0]  # as in `WARNING invalid config `
    names = listed_names(notice.project for notice in notices)
    why = _reason(first)
    return styled(f"{begins}{names}: {why} ({count(len(notices), 'notice')})")


def _reason(notice: Notice) -> str:
    """Return why, without what tells the notices of one cause apart."""
    return within_project(notice.project, notice.details.placed(notice.reason))


def problems(report: Report) -> list[str]:
    """List what needs attention: one line per cause, however many projects have it."""
    said = {f"{name}: {why}" for name, why in report.unreachable.items()}
    return [
        *_caused("cannot read", report.unreachable.items()),
        *_caused("invalid config", report.refused.items()),
        *(line for line in report.problems if line not in said),  # listed above
    ]


def _caused(what: str, troubled: Iterable[tuple[str, str]]) -> list[str]:
    causes = by_cause(troubled).items()
    return sorted(f"{what} {listed_names(names)}: {why}" for why, names in causes)


def checked(report: Report) -> str:
    """Count the projects that were evaluated, and those that could not be read."""
    failed = len(report.unreachable)
    unread = f", {failed} of them could not be read" if failed else ""
    return f"{report.checked} of {report.projects} projects checked{unread}"


def summary(report: Report) -> str:
    """Summarise one check in a line."""
    pending = f", {report.pending} still to be sent" if report.pending else ""
    return (
        f"{checked(report)}, in {report.duration_seconds:.1f} s; "
        f"{count(report.sent, 'notice')} sent{pending}"
    )
