"""A report as lines for the terminal: its notices, what needs attention, and a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from headroom.delivery.decisions import Outcome
from headroom.domain.headline import CONFIG, UNREACHABLE, headline_of_several, subject
from headroom.domain.notices import Notice
from headroom.pipeline.report import Report
from headroom_cli.console import by_cause, count, entry, grouped, listed_names, styled

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
        (each.notice.id, channel): NOT_SENT[each.outcome].format(each.detail or each.reason)
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
    first, *others = notices
    if not others:
        return styled(first.summary)
    line = headline_of_several(first, listed_names(map(subject, notices)), _reason(first))
    return styled(f"{line} ({count(len(notices), 'notice')})")


def _reason(notice: Notice) -> str:
    """Return why, without what tells the notices of one cause apart."""
    return notice.details.placed(notice.reason)


def problems(report: Report) -> list[str]:
    """List what needs attention: one line per cause, however many projects have it."""
    unread = report.unreachable
    by_reason = grouped((name, str(why.shared), str(why)) for name, why in unread.items())
    return [
        *_caused("cannot read", by_reason),
        *_caused("invalid config", by_cause(report.invalid.items())),
        *_abstaining(report),
        *report.other_problems,
        *(f"{name}: {why}" for name, why in report.unfinished.items() if name not in unread),
    ]


def _abstaining(report: Report) -> list[str]:
    """Name the rules that are not judged because it is not known what is usual."""
    reasons = grouped(
        (f"{name} {' '.join(filter(None, (one.rule, one.series)))}", one.reason, one.reason)
        for name, found in report.abstaining.items()
        for one in found
    )
    return _caused("not judged", reasons)


def _caused(what: str, causes: Mapping[str, Sequence[str]]) -> list[str]:
    return sorted(f"{what} {listed_names(names)}: {why}" for why, names in causes.items())


def checked(report: Report) -> str:
    """Count the projects that were read and judged; the others by what kept them from it."""
    unread = report.unreachable.keys() & report.configured
    others = {
        "cannot be read": len(unread),
        "not finished": len(report.not_finished - unread),
        "invalid config": len(report.without_rules - report.not_finished - unread),
    }
    well = report.projects - sum(others.values())
    why = ", ".join(f"{number:,} {what}" for what, number in others.items() if number)
    if not why:
        return f"{count(report.projects, 'project')} checked"
    return f"{well:,} of {count(report.projects, 'project')} checked ({why})"


def summary(report: Report) -> str:
    """Summarise one check in a line."""
    pending = f", {report.pending} still to be sent" if report.pending else ""
    return (
        f"{checked(report)}, in {report.duration_seconds:.1f} s; "
        f"{count(report.sent, 'notice')} sent{pending}"
    )
