"""The notices of one alert in a check, the channels of each, and the incident that stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.describe import describe
from headroom.domain.formatting import clock
from headroom.domain.incidents import Incident, Progress, status_of
from headroom.domain.lifecycle import Event, Transition, step
from headroom.domain.notices import Kind, Notice
from headroom.domain.readings import Peaks
from headroom.domain.windows import Instant, Moment, window_of

MOST_REMINDERS = 12


def settle(
    alert: Alert, before: Incident | None, episodes: Sequence[Progress], moment: Moment
) -> tuple[Incident | None, list[RoutedNotice]]:
    """The incident that is open after the check, and the notices of all its episodes."""
    after: Incident | None = None
    notices: list[RoutedNotice] = []
    for progress in episodes:
        prior = before if progress.known else None
        rose = prior is None or progress.top.rank > prior.episode.severity.rank
        if rose and progress.ended is None and progress.episode.severity is not progress.top:
            progress.hold_top()
        now = next_step(prior, _event(prior, progress), _remind(alert, moment), moment.now)
        after = replace(prior, episode=progress.episode) if prior else None
        if now.kind is not None:
            notice = _told_late(describe(alert, progress, now.kind, moment, prior), before)
            channels = _channels(alert, progress, prior)
            notices.append(RoutedNotice(notice, channels, prior.notified if prior else ()))
            after = _notified(alert, progress, prior, notices[-1])
        after = after.at(now.status) if after else None
    return after, notices


def _remind(alert: Alert, moment: Moment) -> int | None:
    """Seconds between reminders; None outside the hours, where its end is only not known yet."""
    active = alert.rule.hours.active(window_of(moment.now))
    return alert.rule.remind if active else None


def _told_late(notice: Notice, before: Incident | None) -> Notice:
    """Add the reason to what was over before the open incident fired and became known after it.

    Otherwise the last word on the alert would be of what is over, while it fires.
    """
    if before is None or notice.since >= before.episode.window:
        return notice
    return replace(notice, reason=f"it fired again at {clock(before.episode.window)}")


def _event(prior: Incident | None, progress: Progress) -> Event:
    if progress.ended is None:
        return Event.holds(progress.episode.severity)
    return Event.RECOVERED if prior else Event.CAME_AND_WENT


def next_step(prior: Incident | None, event: Event, remind: int | None, now: Instant) -> Transition:
    """What an event makes of an alert, and the reminder if one is due and nothing else is notified.

    `remind`: seconds between reminders, None: never.
    """
    found = step(status_of(prior), event)
    if found.kind is None and prior and remind is not None and prior.reminders < MOST_REMINDERS:
        due = now - prior.last_notified >= remind
        return step(found.status, Event.REMINDER_DUE) if due else found
    return found


def seen(peaks: Peaks, before: Incident | None, closed: Instant) -> Instant:
    """The newest closed window in which the alert's series had a reading."""
    known = before.seen if before else 0
    return max((window for window in peaks if window <= closed), default=known)


def _channels(alert: Alert, progress: Progress, prior: Incident | None) -> tuple[str, ...]:
    """The channels that its severity goes to, and all that were notified of the incident before.

    At its end only those are added that its worst severity goes to, unless it was notified already.
    """
    if prior is None:
        return with_notified((), alert.routing[progress.top])
    if progress.ended is None:
        return with_notified(prior.notified, alert.routing[progress.episode.severity])
    if progress.top.rank > prior.episode.worst.rank:
        return with_notified(prior.notified, alert.routing[progress.top])
    return prior.notified


def with_notified(notified: tuple[str, ...], channels: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, in a stable order."""
    return tuple(dict.fromkeys((*notified, *channels)))


def _notified(
    alert: Alert, progress: Progress, prior: Incident | None, sent: RoutedNotice
) -> Incident:
    """The incident after a notice."""
    reminded = sent.notice.kind is Kind.REMINDER
    changed = sent.notice.kind in (Kind.ESCALATED, Kind.EASED)
    return Incident(
        episode=progress.episode,
        notified=sent.channels,
        last=_kept(sent.notice),
        last_notified=sent.notice.at,
        reminders=(prior.reminders if prior else 0) + reminded,
        changes=(prior.changes if prior else 0) + changed,
        identity=alert.identity,
    )


def _kept(notice: Notice) -> Notice:
    """The notice without the parts that later notices do not need; documents have to stay small."""
    return replace(notice, id="", summary="", description="", readings=())
