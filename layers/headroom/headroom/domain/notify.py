"""What is told of an incident: which notice a check owes, to whom, and what stays open."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.course import Episode
from headroom.domain.headline import headline
from headroom.domain.incidents import Incident
from headroom.domain.lateness import NOT_AWAITED, SILENT
from headroom.domain.m_of_n import breaches, calls_at, level_of
from headroom.domain.notices import Kind, Notice, Reading, digest, incident_id, notice_id
from headroom.domain.readings import Peaks
from headroom.domain.rules import Level, Missing, Rule
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, last_closed, span, window_of

MOST_REMINDERS = 12


def settle(
    alert: Alert, before: Incident | None, episodes: list[Episode], moment: Moment
) -> tuple[Incident | None, list[RoutedNotice]]:
    """What is open after the check, and what is owed of all its episodes."""
    after: Incident | None = None
    told: list[RoutedNotice] = []
    for episode in episodes:
        prior = before if episode.known else None
        rose = prior is None or episode.top.rank > prior.severity.rank
        if rose and episode.ended is None and episode.severity is not episode.top:
            episode.hold_top()
        kind = kind_of(prior, episode) or _reminder(alert.rule, prior, moment.now)
        if kind is not None:
            notice = describe(alert, episode, kind, moment, prior)
            channels = _channels(alert, episode, prior, rose=rose)
            told.append(RoutedNotice(notice, channels, prior.told if prior else ()))
            after = None if kind.ends else _incident(alert, episode, prior, told[-1])
        elif prior is not None:
            after = _carried(prior, episode)
    return after and replace(after, seen=seen(alert.peaks, before, moment.closed)), told


def seen(peaks: Peaks, before: Incident | None, closed: Instant) -> Instant:
    """The newest closed window in which the alert's series had a reading."""
    known = before.seen if before else 0
    return max((window for window in peaks if window <= closed), default=known)


def _channels(
    alert: Alert, episode: Episode, prior: Incident | None, *, rose: bool
) -> tuple[str, ...]:
    """Who hears of it: those the severity goes to, and all that were told of the incident.

    `rose`: it was more severe, at some time since the last check, than people know.
    """
    told = prior.told if prior else ()
    if episode.ended is None:
        return with_notified(told, alert.routing[episode.severity])
    return with_notified(told, alert.routing[episode.top]) if rose else told


def with_notified(told: tuple[str, ...], channels: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, in a stable order."""
    return tuple(dict.fromkeys((*told, *channels)))


def _incident(
    alert: Alert, episode: Episode, prior: Incident | None, told: RoutedNotice
) -> Incident:
    """The episode as the next check finds it."""
    reminded = told.notice.kind is Kind.REMINDER
    changed = told.notice.kind in (Kind.ESCALATED, Kind.EASED)
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
        changes=(prior.changes if prior else 0) + changed,
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
