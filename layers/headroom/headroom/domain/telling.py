"""What is told of an incident: which notice a check owes, and its words and numbers."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace

from headroom.domain.course import Episode
from headroom.domain.headline import headline
from headroom.domain.incidents import Incident
from headroom.domain.levels import level_of, value_at
from headroom.domain.notices import Kind, Notice, Reading, digest, incident_id, notice_id
from headroom.domain.readings import Peaks
from headroom.domain.rules import Project, Routing, Rule
from headroom.domain.windows import Instant, Moment, span, window_of

HOUR = 3600
MOST_REMINDERS = 12


@dataclass(frozen=True, slots=True)
class Told:
    """One notice and the channels that it is for."""

    notice: Notice
    channels: tuple[str, ...]
    before: tuple[str, ...] = ()
    """Those of them that were told of the incident before."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule on one series, with what PolyAI says of it now."""

    project: Project
    rule: Rule
    series: str
    name: str
    client_env: str
    peaks: Peaks
    identity: str
    closed: Container[str] = ()
    """Ids of incidents that an edit closed of late: one that fires anew gets another."""

    @property
    def routing(self) -> Routing:
        """The rule's own channels, else the project's."""
        return self.rule.routing or self.project.routing


def settle(
    alert: Alert, before: Incident | None, episodes: list[Episode], moment: Moment
) -> tuple[Incident | None, list[Told]]:
    """What is open after the check, and what is owed of all its episodes."""
    after: Incident | None = None
    told: list[Told] = []
    for episode in episodes:
        prior = before if episode is episodes[0] else None
        kind = kind_of(prior, episode) or _reminder(alert.rule, prior, moment.now)
        if kind is not None:
            notice = describe(alert, episode, kind, moment, prior)
            told.append(Told(notice, _channels(alert, episode, prior), prior.told if prior else ()))
            after = None if kind.ends else _incident(alert, episode, prior, told[-1])
        elif prior is not None:
            after = _carried(prior, episode)
    return after, told


def _channels(alert: Alert, episode: Episode, prior: Incident | None) -> tuple[str, ...]:
    """Who hears of it: those the severity goes to, and all that were told of the incident."""
    told = prior.told if prior else ()
    if episode.ended is None:
        return with_told(told, alert.routing[episode.severity])
    return told or alert.routing[episode.worst]


def with_told(told: tuple[str, ...], channels: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, in a stable order."""
    return tuple(dict.fromkeys((*told, *channels)))


def _incident(alert: Alert, episode: Episode, prior: Incident | None, told: Told) -> Incident:
    """The episode as the next check finds it."""
    reminded = told.notice.kind is Kind.REMINDER
    return Incident(
        window=episode.window,
        severity=episode.severity,
        changed=episode.changed,
        confirmed=episode.confirmed,
        worst=episode.worst,
        peak=episode.peak,
        told=told.channels,
        last=_kept(told.notice),
        last_told=told.notice.at,
        reminders=(prior.reminders if prior else 0) + reminded,
        identity=alert.identity,
    )


def _kept(notice: Notice) -> Notice:
    """What the next notice of the incident needs of this one; documents have to stay small."""
    return replace(notice, id="", summary="", description="", readings=())


def _carried(prior: Incident, episode: Episode) -> Incident:
    """The incident when there is nothing to tell of it."""
    return replace(
        prior,
        changed=episode.changed,
        confirmed=episode.confirmed,
        worst=episode.worst,
        peak=episode.peak,
    )


def kind_of(before: Incident | None, episode: Episode) -> Kind | None:
    """What the change from before this check to after it is called; None: nothing to tell."""
    if episode.ended is not None:
        return Kind.RESOLVED if before else Kind.MISSED
    if before is None:
        return Kind.FIRED
    if episode.severity.rank > before.severity.rank:
        return Kind.ESCALATED
    return Kind.EASED if episode.severity.rank < before.severity.rank else None


def _reminder(rule: Rule, prior: Incident | None, now: Instant) -> Kind | None:
    due = prior is not None and reminder_due(prior, rule.remind, now)
    return Kind.REMINDER if due else None


def reminder_due(incident: Incident, every: int | None, now: Instant) -> bool:
    """Whether a reminder is due, when nothing else is told; `every` in seconds, None: never."""
    if every is None or incident.reminders >= MOST_REMINDERS:
        return False
    return now - incident.last_told >= every


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
        alert.project.name, f"{alert.rule.name} {alert.identity}", alert.series, episode.window
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
    return Told(replace(notice, summary=headline(notice)), incident.told, incident.told)
