"""A notice as an email: plain words, whole sentences, times in UTC."""

from __future__ import annotations

from headroom.channels.message import first_line, links, series
from headroom.channels.sparkline import legend, sparkline
from headroom.channels.text import plain
from headroom.domain.headline import BUILT_IN, CONFIG, OVERFLOW, UNDELIVERABLE, UNREACHABLE
from headroom.domain.notices import Kind, Notice
from headroom.domain.windows import iso
from headroom.domain.wording import duration, percent

_NAME = 200
_TEXT = 2000

_BAD = {
    UNREACHABLE: "Headroom cannot read {project}: {why}. Until it can, it does not "
    "know how many calls there are, and the rules that need them are not judged.",
    CONFIG: "The configuration of {project} is refused: {why}. Until it is mended, it is not used.",
    UNDELIVERABLE: "The channel {channel} did not take a notice of {project}: {why}. The notice is "
    "kept in the dead-letter queue; later ones are tried as usual.",
    OVERFLOW: "{project} has as many open alerts as Headroom lists for one project, and beyond "
    "them {why}. There is no notice for each of those; one begins when there is room and it still "
    "breaches.",
}
_GOOD = {
    UNREACHABLE: "Headroom can read {project} again, after {lasted}. What happened "
    "meanwhile is told separately, if anything did.",
    CONFIG: "The configuration of {project} is good again, after {lasted}.",
    UNDELIVERABLE: "The channel {channel} takes notices again, after {lasted}.",
    OVERFLOW: "Every alert of {project} that fires is listed again, after {lasted}.",
}


def prose(notice: Notice) -> str:
    """Write the whole message, paragraphs apart."""
    paragraphs = (
        first_line(notice),
        _what(notice),
        _figures(notice),
        plain(notice.description, _TEXT),
        _hour(notice),
        "\n".join(f"{link.label}: {link.url}" for link in links(notice)),
        _origin(notice),
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _what(notice: Notice) -> str:
    return _of_built_in(notice) if notice.rule in BUILT_IN else _of_rule(notice)


def _of_rule(notice: Notice) -> str:
    rule, lasted, why = (
        f"The rule {_subject(notice)}",
        duration(notice.duration_seconds),
        _why(notice),
    )
    return {
        Kind.FIRED: f"{rule} has reached {notice.severity}.",
        Kind.ESCALATED: f"{rule} has risen to {notice.severity}.",
        Kind.EASED: f"{rule} has eased to {notice.severity}. It is not over.",
        Kind.REMINDER: f"{rule} is still at {notice.severity}, after {lasted}.",
        Kind.RESOLVED: f"{rule} was closed after {lasted}: {why}."
        if why
        else f"{rule} is back to normal. It lasted {lasted}.",
        Kind.MISSED: f"{rule} was at {notice.severity} for {lasted}, and over before it was told.",
    }[notice.kind]


def _subject(notice: Notice) -> str:
    of = plain(series(notice), _NAME)
    on = f"{plain(notice.project, _NAME)}, {of}," if of else plain(notice.project, _NAME)
    return f"{plain(notice.rule, _NAME)} on {on}"


def _why(notice: Notice) -> str:
    return plain(notice.reason, _TEXT).rstrip(".")


def _of_built_in(notice: Notice) -> str:
    lasted, why = duration(notice.duration_seconds), _why(notice)
    if notice.kind is Kind.RESOLVED and why:
        return f"This was closed after {lasted}: {why}."
    form = (_GOOD if notice.kind is Kind.RESOLVED else _BAD)[notice.rule]
    beside = series(notice) if notice.rule == CONFIG else ""  # a place that is no project's
    told = form.format(
        project=plain(beside or notice.project, _NAME),
        channel=plain(series(notice), _NAME),
        lasted=lasted,
        why=why or "no reason given",
    )
    return f"{told} This lasted {lasted} and is over." if notice.kind is Kind.MISSED else told


def _figures(notice: Notice) -> str:
    if notice.rule in BUILT_IN:
        return f"It began at {iso(notice.since)}."
    sentences = (
        _now(notice),
        f"The condition is {plain(notice.condition, _NAME)}{_threshold(notice)}."
        if notice.condition
        else "",
        _peak(notice),
        f"It began at {iso(notice.since)}.",
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _now(notice: Notice) -> str:
    if notice.value is None:
        return "There is no reading of the calls."
    one, many = "There is", "There are"
    if notice.kind is Kind.MISSED:
        one, many = "At its end there was", "At its end there were"
    elif notice.kind is Kind.RESOLVED:
        one, many = "At the last look there was", "At the last look there were"
    return f"{one if notice.value == 1 else many} {_share(notice.value, notice.limit)}."


def _peak(notice: Notice) -> str:
    if notice.peak is None or notice.peak == notice.value:
        return ""
    return f"The highest was {_share(notice.peak, notice.limit)}."


def _share(value: int, limit: int | None) -> str:
    count = f"{value} concurrent {'call' if value == 1 else 'calls'}"
    if not limit or limit < 0:
        return count
    return f"{count}, {percent(value, limit)}% of the limit of {limit}"


def _threshold(notice: Notice) -> str:
    """Say in calls what the condition says in percent."""
    if notice.threshold is None or "%" not in notice.condition:
        return ""
    return f" ({notice.threshold:g} calls)"


def _hour(notice: Notice) -> str:
    line = sparkline(notice)
    return f"{line}\n({legend(notice)})" if line else ""


def _origin(notice: Notice) -> str:
    where = " / ".join(
        plain(part, _NAME) for part in (notice.region, notice.account_id, notice.project_id) if part
    )
    of = f" for {where} ({plain(notice.client_env, _NAME)})" if where else ""
    return f"Sent by Headroom{of} at {iso(notice.at)}. Incident {notice.incident_id}."
