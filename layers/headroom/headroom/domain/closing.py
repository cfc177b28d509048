"""Closes incidents that nothing watches any more, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.fingerprints import notice_id
from headroom.domain.headline import BUILT_IN, headline
from headroom.domain.incidents import Incident, put, status_of
from headroom.domain.lifecycle import Event, step
from headroom.domain.notices import Kind, Notice
from headroom.domain.notify import seen
from headroom.domain.readings import Peaks
from headroom.domain.rules import Basis, Project, Rule, Watch
from headroom.domain.windows import HOUR, Instant, window_of

PROJECT_GONE = "project removed"

RULE_GONE = "rule removed"

RULE_CHANGED = "what the rule watches was changed"

SERIES_GONE = "series removed"

SERIES_SILENT = "no reading for 24 h"
"""Without an edit: a variant that has no calls any more may be gone for good."""

SILENT_FOR = 24 * HOUR
"""Seconds without a reading after which the incident of a variant ends."""


def identity(project: Project, rule: Rule, watch: Watch) -> str:
    """What an alert reads, in one text: an incident goes on while this stays the same."""
    direction = ">=" if rule.upper else "<="
    largest = "max " if project.basis is Basis.MAX and len(project.lines) > 1 else ""
    return f"{largest}{'/'.join(project.watched)} {direction} {watch.query.key}"


def silent(incident: Incident, peaks: Peaks, closed: Instant) -> bool:
    """Whether the series of a sliced query has had no reading for a day."""
    newest = seen(peaks, incident, closed) or incident.episode.window
    return closed - newest >= SILENT_FOR


def close_unwatched(
    project: Project, incidents: dict[str, Incident], now: Instant
) -> Iterator[RoutedNotice]:
    """Remove the incidents of rules and series that the configuration no longer has."""
    for key, incident in list(incidents.items()):
        if reason := _reason(project, incident):
            yield from close(incidents, key, reason, now, by_edit=True)


def close_all(incidents: dict[str, Incident], now: Instant) -> Iterator[RoutedNotice]:
    """Remove every incident of a project that was removed."""
    for key in list(incidents):
        yield from close(incidents, key, PROJECT_GONE, now, by_edit=True)


def close(
    incidents: dict[str, Incident], key: str, reason: str, now: Instant, *, by_edit: bool
) -> Iterator[RoutedNotice]:
    """Take the step of an incident that nothing watches any more, and yield its notice."""
    incident = incidents[key]
    over = step(status_of(incident), Event.REMOVED)
    put(incidents, key, incident.at(over.status))
    if over.kind is not None:
        notice = _closing(incident, over.kind, reason, now)
        yield RoutedNotice(notice, incident.notified, incident.notified, by_edit)


def _reason(project: Project, incident: Incident) -> str:
    """Why the incident has to close; empty while it is watched."""
    if incident.last.rule in BUILT_IN or incident.last.rule in project.unjudged:
        return ""
    rule = next((each for each in project.rules if each.name == incident.last.rule), None)
    if rule is None:
        return "" if project.incomplete else RULE_GONE
    watches = [each for each in rule.watches if each.series in (None, incident.last.series)]
    if not watches:
        return SERIES_GONE
    same = any(identity(project, rule, each) == incident.identity for each in watches)
    return "" if same else RULE_CHANGED


def _closing(incident: Incident, kind: Kind, reason: str, now: Instant) -> Notice:
    notice = replace(
        incident.last,
        id=notice_id(incident.id, kind, incident.episode.worst, window_of(now)),
        kind=kind,
        severity=incident.episode.worst,
        at=now,
        duration_seconds=max(0, now - incident.episode.window),
        reason=reason,
        peak=incident.episode.peak,
        summary="",
    )
    return replace(notice, summary=headline(notice))


REMEMBERED = 4 * HOUR
"""Seconds before the watermark: a project that is put back starts up to 36 windows (three hours)
before it. It counts from the watermark, since after an outage the next windows may be days old."""

MOST = 1000
"""Closed incidents that one document remembers: 40 KB. The newest are kept."""

Closed = Mapping[str, Instant]
"""Ids of incidents that an edit closed, and when."""


def recent(closed: Closed, watermark: Instant) -> dict[str, Instant]:
    """The incidents that could fire again after all windows up to this watermark."""
    known = {incident: at for incident, at in closed.items() if watermark - at < REMEMBERED}
    newest = sorted(known.items(), key=lambda each: each[1])[-MOST:]
    return dict(newest)


def closings(notices: Sequence[RoutedNotice], now: Instant) -> dict[str, Instant]:
    """The incidents that an edit closes now."""
    return {each.notice.incident_id: now for each in notices if each.by_edit}
