"""The words and numbers of a notice about an incident."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Alert, Told
from headroom.domain.course import Episode
from headroom.domain.headline import headline
from headroom.domain.incidents import Incident
from headroom.domain.lateness import NOT_AWAITED, SILENT
from headroom.domain.levels import breaches, calls_at, level_of
from headroom.domain.notices import Kind, Notice, Reading, digest, incident_id, notice_id
from headroom.domain.readings import Peaks
from headroom.domain.rules import Level, Missing
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, last_closed, span, window_of


def describe(
    alert: Alert, episode: Episode, kind: Kind, moment: Moment, prior: Incident | None
) -> Notice:
    """The notice of an episode, whole; `prior`: its incident, as far as it is known."""
    now = moment.now
    known = prior.last if prior else None
    fingerprint = known.alert if known else alert.fingerprint
    incident = known.incident_id if known else _new_id(alert, episode)
    severity = episode.worst if kind.ends else episode.severity
    window = _window(episode, kind, now)
    level = level_of(alert.rule, severity)
    number = _number(prior, kind)
    value_at = _valued(alert, episode, kind, level, moment)
    ended = episode.ended is not None
    notice = Notice(
        id=notice_id(incident, kind, severity, window, number),
        incident_id=incident,
        alert=fingerprint,
        installation=known.installation if known else alert.project.installation,
        kind=kind,
        severity=severity,
        project=alert.project.name,
        rule=alert.rule.name,
        series=alert.series,
        series_name=alert.name or (known.series_name if known else ""),
        region=alert.project.region,
        account_id=alert.project.account_id,
        project_id=alert.project.project_id,
        client_env=alert.client_env,
        value=calls_at(alert.rule, alert.peaks, value_at),
        value_at=value_at,
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
        reason=_why_over(alert, episode) if kind is Kind.RESOLVED else "",
        readings=last_hour(alert.peaks, window if kind is Kind.MISSED else window_of(now), moment),
    )
    return replace(notice, summary=headline(notice))


def _why_over(alert: Alert, episode: Episode) -> str:
    """Why it is over, where the window that ended it has no reading and is not awaited any more."""
    if alert.silent is None or episode.ended is None or episode.ended <= alert.silent:
        return ""
    return SILENT if alert.rule.missing is Missing.ZERO else NOT_AWAITED


def _number(prior: Incident | None, kind: Kind) -> int:
    """Tells notices apart that share incident, kind, severity and window."""
    if prior is None:
        return 0
    if kind is Kind.REMINDER:
        return prior.reminders + 1
    return prior.changes if kind in (Kind.ESCALATED, Kind.EASED) else 0


def _new_id(alert: Alert, episode: Episode) -> str:
    incident = incident_id(alert.fingerprint, episode.window, f"{alert.identity}{alert.again}")
    while incident in alert.closed:
        incident = digest(incident, "again")
    return incident


def _window(episode: Episode, kind: Kind, now: Instant) -> Instant:
    """The window that the notice is told of."""
    if episode.ended is not None:
        return episode.ended
    return window_of(now) if kind is Kind.REMINDER else episode.changed


def _valued(alert: Alert, episode: Episode, kind: Kind, level: Level, moment: Moment) -> Instant:
    """The window to name the calls of.

    While the alert fires that is the newest that breaches: M of N windows may hold a level although
    the newest one is calm. At its end it is the window that ended it.
    """
    if episode.ended is not None:
        return episode.ended
    rule = alert.rule
    bound = level.fires if kind in (Kind.FIRED, Kind.ESCALATED) else level.holds
    newest = window_of(moment.now) if rule.upper else moment.closed
    oldest = episode.changed - (rule.among - 1) * WINDOW
    for window in range(newest, oldest - WINDOW, -WINDOW):
        if breaches(rule, alert.peaks, window, bound, moment.closed):
            return window
    return moment.closed if kind is Kind.REMINDER else episode.changed


def last_hour(peaks: Peaks, newest: Instant, moment: Moment) -> tuple[Reading, ...]:
    """The hour of windows up to the newest; one that is late is not open, but has no value."""
    closed = last_closed(moment.now, moment.settle)
    return tuple(
        Reading(window, peaks.get(window), open=window > closed)
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
