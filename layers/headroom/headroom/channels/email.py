"""A notice as an email: plain sentences, times in UTC."""

from __future__ import annotations

from headroom.channels.builtin_text import fix, reason, what
from headroom.channels.message import (
    chart,
    first_line,
    legend,
    links,
    members,
    minute,
    plain,
    series,
    when,
)
from headroom.domain.formatting import duration, percent
from headroom.domain.headline import BUILT_IN, bound, trend
from headroom.domain.notices import Kind, Notice

_NAME = 200
_TEXT = 2000


def email_body(notice: Notice) -> str:
    """The whole text of the email."""
    paragraphs = (
        first_line(notice),
        _what(notice),
        _figures(notice),
        plain(notice.description, _TEXT),
        fix(notice),
        _hour(notice),
        "\n".join(f"{link.label}: {link.url}" for link in links(notice)),
        _origin(notice),
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _what(notice: Notice) -> str:
    if notice.rule in BUILT_IN:
        return what(notice)
    rule, severity = f"The rule {_subject(notice)}", notice.severity.value
    lasted, why = duration(notice.duration_seconds), reason(notice)
    return {
        Kind.FIRED: f"{rule} is now {severity}.",
        Kind.ESCALATED: f"{rule} has escalated to {severity}.",
        Kind.EASED: f"{rule} has eased to {severity}. It still fires.",
        Kind.REMINDER: f"{rule} is still {severity}, after {lasted}.",
        Kind.RESOLVED: f"{rule} was closed after {lasted}: {why}"
        if why
        else f"{rule} is back to normal, after {lasted}.",
        Kind.MISSED: f"{rule} was {severity} for {lasted}. It was over before this could be sent."
        + (f" {why[0].upper()}{why[1:]}" if why else ""),
    }[notice.kind]


def _subject(notice: Notice) -> str:
    of = plain(series(notice), _NAME)
    on = f"{plain(notice.project, _NAME)}, {of}," if of else plain(notice.project, _NAME)
    return f"{plain(notice.rule, _NAME)} on {on}"


def _figures(notice: Notice) -> str:
    if notice.rule in BUILT_IN:
        return f"It began at {minute(notice.since)}."
    sentences = (
        _now(notice),
        f"By line: {plain(members(notice), _NAME)}." if notice.members else "",
        _compared(notice),
        f"The condition is {plain(notice.condition, _NAME)}{_threshold(notice)}."
        if notice.condition
        else "",
        _peak(notice),
        f"It began at {minute(notice.since)}.",
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _now(notice: Notice) -> str:
    if notice.value is None:
        return "There is no reading of the calls."
    one, many = "There is", "There are"
    if notice.kind is Kind.MISSED:
        one, many = "When it ended, there was", "When it ended, there were"
    elif notice.kind is Kind.RESOLVED:
        one, many = "In the last window there was", "In the last window there were"
    if notice.dated is not None:
        one, many = "There was", "There were"
    return (
        f"{one if notice.value == 1 else many} {bound(notice)}"
        f"{_share(notice.value, notice.limit)}{when(notice)}."
    )


def _compared(notice: Notice) -> str:
    """What the calls are compared with, besides the condition."""
    if notice.usual is not None:
        return f"At this time of the week, {round(notice.usual)} are usual."
    return f"By the trend: {trend(notice)}." if notice.reached_in else ""


def _peak(notice: Notice) -> str:
    if notice.peak is None or notice.peak == notice.value:
        return ""
    furthest = "lowest" if notice.is_lower else "highest"
    return f"The {furthest} was {bound(notice)}{_share(notice.peak, notice.limit)}."


def _share(value: int, limit: int | None) -> str:
    count = f"{value} concurrent {'call' if value == 1 else 'calls'}"
    if not limit:
        return count
    return f"{count}, {percent(value, limit)}% of the limit of {limit}"


def _threshold(notice: Notice) -> str:
    """The threshold in calls, where the condition gives it in percent."""
    if notice.threshold is None or "%" not in notice.condition:
        return ""
    return f" ({notice.threshold:g} calls)"


def _hour(notice: Notice) -> str:
    drawn = chart(notice)
    return f"{drawn}\n({legend(notice)})" if drawn else ""


def _origin(notice: Notice) -> str:
    where = " / ".join(
        plain(part, _NAME) for part in (notice.region, notice.account_id, notice.project_id) if part
    )
    of = f" for {where} ({plain(notice.client_env, _NAME)})" if where else ""
    by = f" ({plain(notice.installation, _NAME)})" if notice.installation else ""
    return f"Sent by Headroom{by}{of} at {minute(notice.at)}. Incident {notice.incident_id}."
