"""Built-in alerts: Headroom's own, as they stand now, and what a check notifies of them.

Their rules are in `headline`. The clock decides about them and not windows; their incidents are
notified like any other (`lifecycle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.fingerprints import fingerprint, incident_id, notice_id, short_hash
from headroom.domain.headline import headline
from headroom.domain.incidents import Episode, Incident, put, status_of
from headroom.domain.lifecycle import Event, Status, step
from headroom.domain.lines import Line
from headroom.domain.notices import Kind, Notice
from headroom.domain.notify import next_step, with_notified
from headroom.domain.reasons import NO_DETAILS, Details
from headroom.domain.rules import Project, Routing, Severity, worse
from headroom.domain.windows import HOUR, Instant, window_of

REMIND = 4 * HOUR

CRITICAL_AFTER = 1800
"""Seconds after which a project that cannot be read, or an invalid configuration, is critical."""


@dataclass(frozen=True, slots=True)
class BuiltInAlert:
    """One alert of Headroom's own, as it stands now; `severity` None: all is well."""

    project: str
    rule: str
    routing: Routing
    severity: Severity | None
    since: Instant
    reason: str
    of: Project | None = None
    """The project as it is configured, where that is known: the notice names its line."""
    series: str = ""
    """Tells apart several alerts of one rule: a cause, a channel, a place in the configuration."""
    installation: str = ""
    series_name: str = ""
    """What people call the series now."""
    description: str = ""
    """More than the reason, for bodies."""
    spreads: bool = False
    """It may cover more projects while it fires, so channels are added meanwhile."""
    details: Details = NO_DETAILS
    """What the reason is about, as fields."""
    eases: bool = False
    """It may become a warning again: what made it critical is fixed, the rest needs no page."""

    @property
    def alert_id(self) -> str:
        """See `Notice.alert_id`."""
        return short_hash(self.project, self.rule, self.series)


def by_age(alert: BuiltInAlert, incidents: Mapping[str, Incident], now: Instant) -> BuiltInAlert:
    """The alert as a warning, and as critical once it has lasted too long."""
    before = incidents.get(alert.alert_id)
    since = before.episode.window if before else now
    severity = Severity.CRITICAL if now - since >= CRITICAL_AFTER else Severity.WARNING
    return replace(alert, severity=severity, since=since)


def recovered(incident: Incident, now: Instant, reason: str = "") -> BuiltInAlert:
    """The same alert once it is over."""
    last = incident.last
    return BuiltInAlert(last.project, last.rule, {}, None, now, reason, series=last.series)


def update(
    alert: BuiltInAlert, incidents: dict[str, Incident], now: Instant, *, failing: bool = False
) -> list[RoutedNotice]:
    """Bring `incidents` up to date with the alert, and return the notices of the change.

    `failing`: an alert without a severity is not over, only not worth a notice by itself (yet);
    what fires goes on firing.
    """
    if alert.severity is None and not incidents:
        return []
    key = alert.alert_id
    before = incidents.get(key)
    if before and alert.severity and not alert.eases:
        alert = replace(alert, severity=worse(alert.severity, before.episode.severity))
    event = _event(alert, before, failing=failing)
    after = next_step(before, event, REMIND, now) if event else None
    if after is None or after.kind is None:
        if after and before:
            put(incidents, key, before.at(after.status))
        return _spread(alert, incidents, now)
    routed = _routed(alert, before, after.kind, after.status, now)
    put(incidents, key, _incident(alert, before, routed, now).at(after.status))
    return [routed]


def _event(alert: BuiltInAlert, before: Incident | None, *, failing: bool) -> Event | None:
    """What the check finds; None: nothing that changes the alert."""
    if alert.severity is not None:
        return Event.holds(alert.severity)
    return Event.RECOVERED if before and not failing else None


def current_notices(
    alerts: Iterable[BuiltInAlert], incidents: Mapping[str, Incident], now: Instant
) -> dict[str, Notice]:
    """What a notice of each firing alert would say now, by alert id."""
    return {
        each.alert_id: _routed(each, before, Kind.REMINDER, Status(each.severity), now).notice
        for each in alerts
        if each.severity is not None and (before := incidents.get(each.alert_id))
    }


def _spread(
    alert: BuiltInAlert, incidents: dict[str, Incident], now: Instant
) -> list[RoutedNotice]:
    """Notify only the channels that the alert is routed to since its last notice."""
    before = incidents.get(alert.alert_id)
    if not alert.spreads or before is None or before.last.at == now:
        return []
    wanted = alert.routing[before.episode.severity]
    new = tuple(name for name in wanted if name not in before.notified)
    after = step(status_of(before), Event.CHANNEL_ADDED)
    if not new or after.kind is None:
        return []
    routed = _routed(alert, before, after.kind, after.status, now)
    whole = with_notified(before.notified, new)
    last = replace(routed.notice, id="", summary="")
    put(incidents, alert.alert_id, replace(before, notified=whole, last=last).at(after.status))
    return [replace(routed, channels=new)]


def _routed(
    alert: BuiltInAlert, before: Incident | None, kind: Kind, status: Status, now: Instant
) -> RoutedNotice:
    """The notice of this kind, where the alert has this status after it."""
    since = before.episode.window if before else alert.since
    worst = before.episode.worst if before else Severity.WARNING
    severity = status.severity or worst
    line, known = alert.of.line if alert.of else Line(), before.last if before else None
    # An end names the incident that it ends, even if the line or the installation changed since.
    named = known.alert if known else _fingerprint(alert)
    # By the time of the first notice: a cause may come back while a project still fails.
    incident = known.incident_id if known else incident_id(named, now)
    notice = Notice(
        id=notice_id(incident, kind, severity, now),  # by the clock, not by windows
        incident_id=incident,
        alert=named,
        installation=known.installation if known else alert.installation,
        kind=kind,
        severity=severity,
        project=alert.project,
        rule=alert.rule,
        series=alert.series,
        series_name=alert.series_name,
        description=alert.description,
        region=line.region,
        account_id=line.account_id,
        project_id=line.project_id,
        client_env=line.client_env,
        limit=alert.of.limit if alert.of else None,
        since=since,
        at=now,
        duration_seconds=max(0, now - since),
        summary="",
        studio_url=line.studio_url,
        reason=alert.reason,
        details=alert.details,
    )
    notified = before.notified if before else ()
    channels = notified if kind.ends else with_notified(notified, alert.routing[severity])
    return RoutedNotice(replace(notice, summary=headline(notice)), channels, notified)


def _fingerprint(alert: BuiltInAlert) -> str:
    watched = alert.of.watched if alert.of else ()
    return fingerprint(alert.installation, watched, alert.project, alert.rule, alert.series)


def _incident(
    alert: BuiltInAlert, before: Incident | None, routed: RoutedNotice, now: Instant
) -> Incident:
    notice = routed.notice
    worst = before.episode.worst if before else notice.severity
    return Incident(
        episode=Episode(
            window=notice.since,
            severity=notice.severity,
            changed=window_of(now),
            confirmed=notice.severity,
            worst=worse(worst, notice.severity),
            peak=None,
        ),
        notified=routed.channels,
        last=replace(notice, id="", summary=""),
        last_notified=now,
        reminders=(before.reminders if before else 0) + (notice.kind is Kind.REMINDER),
        identity=alert.rule,
    )
