"""The sentences of built-in alerts: what is wrong, and how to fix it."""

from __future__ import annotations

from headroom.channels.message import plain, series
from headroom.domain import headline
from headroom.domain.formatting import duration
from headroom.domain.headline import CONFIG, OVERFLOW, UNDELIVERABLE, UNREACHABLE
from headroom.domain.holidays_end import HOLIDAYS
from headroom.domain.notices import Kind, Notice

_NAME = 200
_TEXT = 2000

_BAD = {
    UNREACHABLE: "Headroom cannot read the calls of {project}: {why} Until it can, it cannot "
    "warn about them.",
    CONFIG: "The configuration of {project} is invalid: {why}",
    UNDELIVERABLE: "Delivery to {channel} failed and is not tried again: {why} What was not "
    "delivered is kept in the dead-letter queue; later notices are tried as usual.",
    OVERFLOW: "{project} has as many open alerts as Headroom lists for one project, and beyond "
    "them {why} An alert beyond them has no notices until there is room and it still breaches.",
}
_GOOD = {
    UNREACHABLE: "Headroom can read the calls of {project} again, after {lasted}. Anything that "
    "happened in the meantime has notices of its own.",
    CONFIG: "The configuration of {project} is valid again, after {lasted}.",
    UNDELIVERABLE: "The channel {channel} accepts notices again, after {lasted}. What it refused "
    "is still in the dead-letter queue: run headroom redrive.",
    OVERFLOW: "Every alert of {project} that fires is listed again, after {lasted}.",
}
_NO_MORE = (
    "No project fails any more because of {series}, after {lasted}. Anything that happened in the "
    "meantime has notices of its own."
)
"""The end of a shared cause: the same projects may fail because of another one."""
_HOLIDAYS_END = "The dates of public calendars are {why}"
"""In place of an invalid configuration: it is valid, and needs a push."""
_OTHER_BAD, _OTHER_GOOD = "{project}: {why}", "{project}: this is over, after {lasted}."

_PUSH = "and run headroom push where it is deployed."
_KEY = f"Fix: replace the API key {{key}} with a valid one of the project's region, {_PUSH}"
_IDS = "Fix: compare region, account_id and project_id with the project's address in Agent Studio."
_FIXES = {
    "400": "Fix: check the project's ids and the filters of its rules.",
    "401": _KEY,
    "403": _KEY,
    "404": _IDS,
    "429": "Headroom waits as long as PolyAI asks. If it lasts, ask PolyAI for a higher limit.",
    "501": "Fix: remove the filter or slice that PolyAI does not offer from the rule.",
}
_PASSING = "Headroom tries again in every check. If it lasts, run headroom doctor."


def what(notice: Notice) -> str:
    """What is wrong, or that it is over."""
    lasted, why = duration(notice.duration_seconds), reason(notice)
    if notice.kind is Kind.RESOLVED and why:
        return f"This was closed after {lasted}: {why}"
    over = notice.kind is Kind.RESOLVED
    form = _GOOD.get(notice.rule, _OTHER_GOOD) if over else _BAD.get(notice.rule, _OTHER_BAD)
    if over and notice.rule == UNREACHABLE and notice.series:
        form = _NO_MORE
    if not over and _of_holidays(notice):
        form = _HOLIDAYS_END
    text = form.format(
        series=plain(notice.series, _NAME),
        project=plain(_affected(notice), _NAME),
        channel=plain(series(notice), _NAME) or "a channel",
        lasted=lasted,
        why=why or _sentence(notice.description) or "no reason is known.",
    )
    return f"{text} It lasted {lasted} and is over." if notice.kind is Kind.MISSED else text


def fix(notice: Notice) -> str:
    """How to fix it; empty for an end, and for the rules that operators write."""
    if notice.kind.ends:
        return ""
    match notice.rule:
        case headline.UNREACHABLE:
            key = plain(f"keys/{notice.details.key}", _NAME)
            return _FIXES.get(notice.details.code, _PASSING).format(key=key)
        case headline.CONFIG if _of_holidays(notice):
            return f"Fix: {_PUSH.removeprefix('and ')}"
        case headline.CONFIG:
            return f"Fix: correct {_place(notice)}, {_PUSH}"
        case headline.OVERFLOW:
            return "If nothing is wrong, make the rule that is sliced less sensitive."
    return ""  # the reason of `undeliverable` has the fix


def _of_holidays(notice: Notice) -> bool:
    return notice.rule == CONFIG and notice.series == HOLIDAYS


def reason(notice: Notice) -> str:
    """The reason, as the end of a sentence."""
    return _sentence(notice.full_reason)


def _sentence(text: str) -> str:
    text = plain(text, _TEXT)
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def _affected(notice: Notice) -> str:
    """What is affected: a project, several projects, or a place in the configuration."""
    if notice.rule == CONFIG:
        return series(notice) or notice.project
    if notice.rule == UNREACHABLE:
        return notice.series_name or notice.series or notice.project
    return notice.project


def _place(notice: Notice) -> str:
    """The place in the configuration, from the outside in."""
    outside, inside = series(notice) or f"projects.{notice.project}", notice.details.place
    return plain(f"{outside}.{inside}" if inside else outside, _NAME)
