"""The words and numbers of a notice about an incident."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Alert, Told
from headroom.domain.course import Episode
from headroom.domain.headline import headline
from headroom.domain.incidents import Incident
from headroom.domain.levels import level_of, value_at
from headroom.domain.notices import Kind, Notice, Reading, digest, incident_id, notice_id
from headroom.domain.readings import Peaks
from headroom.domain.windows import HOUR, Instant, Moment, span, window_of


def describe(
    alert: Alert, episode: Episode, kind: Kind, moment: Moment, prior: Incident | None
) -> Notice:
    """The notice of an episode, whole; `prior`: its incident, as far as it is known."""
    now = moment.now
    incident = prior.id if prior else _new_id(alert, episode)
    severity = episode.worst if kind.ends else episode.severity
    window = _window(episode, kind, now)
    valued = moment.closed if kind is Kind.REMINDER else window
    level = level_of(alert.rule, severity)
    ended = episode.ended is not None
    notice = Notice(
        id=notice_id(incident, kind, severity, window),
        incident_id=incident,
        kind=kind,
        severity=severity,
        project=alert.project.name,
        rule=alert.rule.name,
        series=alert.series,
        series_name=alert.name,
        region=alert.project.region,
        account_id=alert.project.account_id,
        project_id=alert.project.project_id,
        client_env=alert.client_env,
        value=value_at(alert.rule, alert.peaks, valued),
        threshold=level.threshold,
        condition=level.condition,
        limit=alert.project.limit,
        peak=episode.peak,
        since=episode.window,
        at=now,
        duration_seconds=max(0, (window if ended else now) - episode.window),
        summary="",
        studio_url=alert.project.studio_url,
        runbook=alert.rule.runbook,
        description=alert.rule.description,
        readings=last_hour(alert.peaks, window if kind is Kind.MISSED else window_of(now), moment),
    )
    return replace(notice, summary=headline(notice))


def _new_id(alert: Alert, episode: Episode) -> str:
    incident = incident_id(
        alert.project.name,
        f"{alert.rule.name} {alert.identity}{alert.again}",
        alert.series,
        episode.window,
    )
    while incident in alert.closed:
        incident = digest(incident, "again")
    return incident


def _window(episode: Episode, kind: Kind, now: Instant) -> Instant:
    """The window that the notice is told of."""
    if episode.ended is not None:
        return episode.ended
    return window_of(now) if kind is Kind.REMINDER else episode.changed


def last_hour(peaks: Peaks, newest: Instant, moment: Moment) -> tuple[Reading, ...]:
    """The hour of windows up to the newest."""
    return tuple(
        Reading(window, peaks.get(window), open=window > moment.closed)
        for window in span(newest - HOUR, newest)
    )


def closing(incident: Incident, reason: str, now: Instant) -> Told:
    """The end of an incident that nothing watches any more, and why."""
    window = window_of(now)
    notice = replace(
        incident.last,
        id=notice_id(incident.id, Kind.RESOLVED, incident.worst, window),
        kind=Kind.RESOLVED,
        severity=incident.worst,
        at=now,
        duration_seconds=max(0, now - incident.window),
        reason=reason,
        peak=incident.peak,
        summary="",
    )
    told = replace(notice, summary=headline(notice))
    return Told(told, incident.told, incident.told)
