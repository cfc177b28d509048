"""The changes of one turn by alert, and how one is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from headroom.domain.alerts import Told
from headroom.domain.windows import WINDOW, Instant
from headroom.state.document import Document

MOST = 2000
"""Alerts that did not fire before and have a watermark of their own, 27 KB in a document."""

Change = Sequence[Told]
"""All that one turn tells of one alert, in order."""


def changes(told: Iterable[Told]) -> list[Change]:
    """By alert: the most severe first, of those what waits the longest."""
    found: dict[str, list[Told]] = {}
    for each in told:
        found.setdefault(each.notice.alert_id, []).append(each)
    return sorted(found.values(), key=_urgency)


def _urgency(change: Change) -> tuple[int, Instant]:
    severity = max(each.notice.severity.rank for each in change)
    return -severity, min(each.mark or 0 for each in change)


def begins(told: Told) -> bool:
    """Whether an incident is open after it that was not open before."""
    return told.prior is None and not told.notice.kind.ends


def take_back(document: Document, deferred: Iterable[Change]) -> Document:
    """Let these alerts stand as before this turn; the next check finds the same changes again.

    The windows that made them take effect then: the alerts keep a watermark of their own. Of those
    that did not fire before (most urgent first) only so many do: others begin with a later window.
    """
    incidents, closed = dict(document.incidents), dict(document.closed)
    marks, rearmed = dict(document.deferred), dict(document.rearmed)
    for change in deferred:
        alert, prior = change[0].notice.alert_id, change[0].prior
        incidents.pop(alert, None)
        if prior is not None:
            incidents[alert] = prior
        mark = min(document.watermark if each.mark is None else each.mark for each in change)
        if mark < document.watermark and (prior or len(marks) < MOST):
            marks[alert] = mark
        rearmed.pop(alert, None)
        if prior is None:
            rearmed[alert] = mark + WINDOW
        for each in change:
            closed.pop(each.notice.incident_id, None)
    return replace(document, incidents=incidents, closed=closed, deferred=marks, rearmed=rearmed)
