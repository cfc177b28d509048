"""The look of each kind of notice in chat: its status in words, an icon, a colour.

The words carry the meaning; icons differ in shape and not only in colour (docs.slack.dev, Block
Kit, "Accessibility": use more than just colour to convey meaning).
"""

from __future__ import annotations

from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import Severity

RED, AMBER, GREEN, GREY = "#D92626", "#E8A200", "#2E8B57", "#7D8590"

_FIRED = {Severity.CRITICAL: "🚨", Severity.WARNING: "⚠️"}
_ICONS = {
    Kind.ESCALATED: "⏫",
    Kind.EASED: "⏬",
    Kind.REMINDER: "⏰",
    Kind.RESOLVED: "✅",
    Kind.MISSED: "⌛",
}
_CLOSED = "⏹️"


def icon(notice: Notice) -> str:
    """One emoji, with its own shape for each kind; a new alert has one for each severity."""
    if is_closed(notice):
        return _CLOSED
    return _ICONS.get(notice.kind) or _FIRED[notice.severity]


def colour(notice: Notice) -> str:
    """The severity's colour while it fires, green when resolved, grey when it ended otherwise."""
    if is_closed(notice) or notice.kind is Kind.MISSED:
        return GREY
    if notice.kind is Kind.RESOLVED:
        return GREEN
    return RED if notice.severity is Severity.CRITICAL else AMBER


def status(notice: Notice) -> str:
    """The meaning of the icon in words, such as `Escalated to critical`."""
    severity = notice.severity.value
    return {
        Kind.FIRED: f"New, {severity}",
        Kind.ESCALATED: f"Escalated to {severity}",
        Kind.EASED: f"Eased to {severity}, not over",
        Kind.REMINDER: f"Reminder: still {severity}",
        Kind.RESOLVED: "Closed" if is_closed(notice) else "Resolved",
        Kind.MISSED: f"Missed: {severity}, over before it could be sent",
    }[notice.kind]


def is_closed(notice: Notice) -> bool:
    """Whether it ended for a reason other than recovery: its rule, series or project is gone."""
    return notice.kind is Kind.RESOLVED and bool(notice.reason)
