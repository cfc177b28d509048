"""How the built-in alerts are kept and notified; see `domain/headline` for their rules.

They live by the clock and not by windows, and are notified like any other incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.formatting import within_project
from headroom.domain.headline import CONFIG, headline
from headroom.domain.incidents import Episode, Incident
from headroom.domain.lifecycle import Event, holds, notice_kind
from headroom.domain.notices import Kind, Notice, digest, fingerprint, incident_id, notice_id
from headroom.domain.notify import reminder, with_notified
from headroom.domain.rules import DEFAULT_CHANNEL, HEADROOM, Project, Refused, Routing, Severity
from headroom.domain.windows import HOUR, Instant, window_of

REMIND = 4 * HOUR

CRITICAL_AFTER = 1800
"""Seconds after which a project that cannot be read, or an invalid configuration, is critical."""


@dataclass(frozen=True, slots=True)
class BuiltInAlert:
    """One alert of Headroom's own, as it should stand now; `severity` None: all is well."""

    project: str
    rule: str
    routing: Routing
    severity: Severity | None
    since: Instant
    reason: str
    line: Project | None = None
    """Where known: which line it is, for the notice."""
    series: str = ""
    """What of the project it is about, where there may be several."""
    installation: str = ""
    series_name: str = ""
    """What people call it now."""
    description: str = ""
    """Beside the reason, for bodies."""
    spreads: bool = False
    """It takes in others while it fires, so channels that need to know are added meanwhile."""
    eases: bool = False
    """What made it critical is mended, and the rest is not worth a page."""

    @property
    def alert_id(self) -> str:
        """See `Notice.alert_id`."""
        return digest(self.project, self.rule, self.series)


def config_alert(
    entry: Refused | Project, incidents: Mapping[str, Incident], now: Instant
) -> BuiltInAlert:
    """The alert of a project's own configuration: invalid, in parts, or good (severity None)."""
    trouble = BuiltInAlert(
        entry.name,
        CONFIG,
        entry.routing,
        None,
        now,
        "",
        entry if isinstance(entry, Project) else None,
        installation=entry.installation,
    )
    problem = entry.fault if isinstance(entry, Project) else entry.own_problem
    if not problem:
        return trouble
    reason = within_project(entry.name, problem)  # the notice names it
    found = worsened(replace(trouble, reason=reason), incidents, now)
    if isinstance(entry, Project) and entry.harmless:
        return replace(found, severity=Severity.WARNING, eases=True)  # nobody is woken for it
    return found


def shared_config_alert(
    place: str,
    why: str,
    routing: Routing | None,
    incidents: Mapping[str, Incident],
    now: Instant,
    installation: str,
) -> BuiltInAlert:
    """The alert of a part of the configuration that is no project's."""
    wanted = routing or dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
    trouble = BuiltInAlert(
        HEADROOM, CONFIG, wanted, None, now, why, series=place, installation=installation
    )
    return worsened(trouble, incidents, now)


def worsened(
    trouble: BuiltInAlert, incidents: Mapping[str, Incident], now: Instant
) -> BuiltInAlert:
    """A warning, and critical once it has lasted too long."""
    before = incidents.get(trouble.alert_id)
    since = before.episode.window if before else now
    severity = Severity.CRITICAL if now - since >= CRITICAL_AFTER else Severity.WARNING
    return replace(trouble, severity=severity, since=since)


def recovered(incident: Incident, now: Instant, reason: str = "") -> BuiltInAlert:
    """The same alert once it is over; those who were notified hear of it."""
    last = incident.last
    return BuiltInAlert(last.project, last.rule, {}, None, now, reason, series=last.series)


def keep(
    trouble: BuiltInAlert, incidents: dict[str, Incident], now: Instant, *, failing: bool = False
) -> list[RoutedNotice]:
    """Bring `incidents` to what the trouble says, and tell the change.

    `failing`: the trouble is not over, only not (or not yet) worth a page by itself: what fires
    goes on firing.
    """
    if trouble.severity is None and not incidents:
        return []
    key = trouble.alert_id
    before = incidents.get(key)
    if before and trouble.severity and not trouble.eases:
        worst = max(trouble.severity, before.episode.severity, key=lambda each: each.rank)
        trouble = replace(trouble, severity=worst)
    kind = _kind(trouble, before, now, failing=failing)
    if kind is None:
        return _spread(trouble, incidents, now)
    told = _told(trouble, before, kind, now)
    incidents.pop(key, None)
    if not kind.ends:
        incidents[key] = _incident(trouble, before, told, now)
    return [told]


def present(
    troubles: Iterable[BuiltInAlert], incidents: Mapping[str, Incident], now: Instant
) -> dict[str, Notice]:
    """What a notice of each that fires would say now, by alert."""
    return {
        each.alert_id: _told(each, before, Kind.REMINDER, now).notice
        for each in troubles
        if each.severity is not None and (before := incidents.get(each.alert_id))
    }


def _spread(
    trouble: BuiltInAlert, incidents: dict[str, Incident], now: Instant
) -> list[RoutedNotice]:
    """Notify the channels that have come to need it since; the others know."""
    before = incidents.get(trouble.alert_id)
    if not trouble.spreads or before is None or before.last.at == now:
        return []
    routed = trouble.routing[before.episode.severity]
    new = tuple(name for name in routed if name not in before.notified)
    if not new:
        return []
    told = _told(replace(trouble, severity=before.episode.severity), before, Kind.FIRED, now)
    whole = with_notified(before.notified, new)
    last = replace(told.notice, id="", summary="")
    incidents[trouble.alert_id] = replace(before, notified=whole, last=last)
    return [replace(told, channels=new)]


def _kind(
    trouble: BuiltInAlert, before: Incident | None, now: Instant, *, failing: bool
) -> Kind | None:
    if trouble.severity is None:
        return notice_kind(before, Event.RECOVERED) if before and not failing else None
    return notice_kind(before, holds(trouble.severity)) or reminder(before, REMIND, now)


def _told(trouble: BuiltInAlert, before: Incident | None, kind: Kind, now: Instant) -> RoutedNotice:
    since = before.episode.window if before else trouble.since
    worst = before.episode.worst if before else None
    severity = (worst if kind.ends else trouble.severity) or Severity.WARNING
    line, known = trouble.line, before.last if before else None
    # The end names the incident that it ends, whatever the line or the installation is now.
    alert = known.alert if known else _fingerprint(trouble)
    # By the moment of the first notice: a cause may come back for a project that fails still.
    incident = known.incident_id if known else incident_id(alert, now)
    notice = Notice(
        id=notice_id(incident, kind, severity, now),  # by the clock, not by windows
        incident_id=incident,
        alert=alert,
        installation=known.installation if known else trouble.installation,
        kind=kind,
        severity=severity,
        project=trouble.project,
        rule=trouble.rule,
        series=trouble.series,
        series_name=trouble.series_name,
        description=trouble.description,
        region=line.region if line else "",
        account_id=line.account_id if line else "",
        project_id=line.project_id if line else "",
        client_env=line.client_env if line else "live",
        limit=line.limit if line else None,
        since=since,
        at=now,
        duration_seconds=max(0, now - since),
        summary="",
        studio_url=line.studio_url if line else "",
        reason=trouble.reason,
    )
    told = before.notified if before else ()
    channels = told if kind.ends else with_notified(told, trouble.routing[severity])
    return RoutedNotice(replace(notice, summary=headline(notice)), channels, told)


def _fingerprint(trouble: BuiltInAlert) -> str:
    line = trouble.line.line if trouble.line else ()
    return fingerprint(trouble.installation, line, trouble.project, trouble.rule, trouble.series)


def _incident(
    trouble: BuiltInAlert, before: Incident | None, told: RoutedNotice, now: Instant
) -> Incident:
    notice = told.notice
    worst = before.episode.worst if before else notice.severity
    return Incident(
        episode=Episode(
            window=notice.since,
            severity=notice.severity,
            changed=window_of(now),
            confirmed=notice.severity,
            worst=max(worst, notice.severity, key=lambda each: each.rank),
            peak=None,
        ),
        notified=told.channels,
        last=replace(notice, id="", summary=""),
        last_notified=now,
        reminders=(before.reminders if before else 0) + (notice.kind is Kind.REMINDER),
        identity=trouble.rule,
    )
