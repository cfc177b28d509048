"""What is told of an incident: which notice a check owes, to whom, and what stays open."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.alerts import Alert, Told
from headroom.domain.course import Episode
from headroom.domain.describing import describe
from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind, Notice
from headroom.domain.readings import Peaks
from headroom.domain.rules import Rule
from headroom.domain.windows import Instant, Moment

MOST_REMINDERS = 12


def settle(
    alert: Alert, before: Incident | None, episodes: list[Episode], moment: Moment
) -> tuple[Incident | None, list[Told]]:
    """What is open after the check, and what is owed of all its episodes."""
    after: Incident | None = None
    told: list[Told] = []
    for episode in episodes:
        prior = before if episode.known else None
        rose = prior is None or episode.top.rank > prior.severity.rank
        if rose and episode.ended is None and episode.severity is not episode.top:
            episode.hold_top()
        kind = kind_of(prior, episode) or _reminder(alert.rule, prior, moment.now)
        if kind is not None:
            notice = describe(alert, episode, kind, moment, prior)
            channels = _channels(alert, episode, prior, rose=rose)
            told.append(Told(notice, channels, prior.told if prior else ()))
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
        return with_told(told, alert.routing[episode.severity])
    return with_told(told, alert.routing[episode.top]) if rose else told


def with_told(told: tuple[str, ...], channels: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, in a stable order."""
    return tuple(dict.fromkeys((*told, *channels)))


def _incident(alert: Alert, episode: Episode, prior: Incident | None, told: Told) -> Incident:
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
