"""The notices of one alert in a check, the channels of each, and the incident that stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.baseline import NewLevel
from headroom.domain.fingerprints import incident_id, notice_id, short_hash
from headroom.domain.formatting import clock
from headroom.domain.headline import headline
from headroom.domain.incidents import Episode, Incident, Progress, status_of
from headroom.domain.lateness import NOT_AWAITED, SILENT
from headroom.domain.lifecycle import Event, Transition, step
from headroom.domain.m_of_n import level_of
from headroom.domain.notices import Kind, Member, Notice, Reading
from headroom.domain.readings import Members, Peaks
from headroom.domain.rules import Level, Missing, Project
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, last_closed, span, window_of

MOST_REMINDERS = 12

OUTSIDE_HOURS = "outside hours"
"""The reason at an end: the rule's active hours are over."""
USUAL_NOT_KNOWN = "usual is not known at this time"
"""The reason at an end: nothing is left to compare the calls with."""


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


def describe(
    alert: Alert, progress: Progress, kind: Kind, moment: Moment, prior: Incident | None
) -> Notice:
    """The whole notice of an episode; `prior`: its incident, as far as it is known."""
    now = moment.now
    known = prior.last if prior else None
    fingerprint = known.alert if known else alert.fingerprint
    incident = known.incident_id if known else _new_id(alert, progress.episode)
    episode = progress.episode
    severity = episode.worst if kind.ends else episode.severity
    window = _window(progress, kind, now)
    level = level_of(alert.rule, severity)
    number = _number(prior, kind)
    value_at = _valued(alert, progress, kind, level, moment)
    ended = progress.ended is not None
    line = alert.project.line
    lines = members_at(alert, value_at)
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
        region=line.region,
        account_id=line.account_id,
        project_id=line.project_id,
        client_env=alert.client_env,
        value=alert.judged.calls_at(value_at),
        value_at=value_at,
        basis=alert.project.basis.value if len(alert.project.lines) > 1 else "",
        members=lines,
        threshold=alert.judged.threshold_at(level, value_at),
        usual=alert.judged.usual.at(value_at) if level.usual else None,
        reached_in=alert.judged.reached_in(level, value_at) if not ended else None,
        condition=level.condition,
        limit=alert.project.limit,
        peak=episode.peak,
        since=episode.window,
        at=now,
        duration_seconds=max(0, (window if ended else now) - episode.window),
        summary="",
        studio_url=line.studio_url or _studio_url(alert.project, lines),
        runbook=alert.rule.runbook,
        description=alert.rule.description,
        reason=_why_over(alert, progress) if kind is Kind.RESOLVED else "",
        readings=last_hour(
            alert.judged.peaks, window if kind is Kind.MISSED else window_of(now), moment
        ),
    )
    if alert.partial and known and value_at <= moment.closed:
        # Nothing that could be read breaches now: what was known is still what it fires for.
        notice = replace(
            notice, value=known.value, value_at=known.value_at, usual=known.usual, members=lines
        )
        notice = replace(notice, threshold=known.threshold)
    return replace(notice, summary=headline(notice))


def members_at(alert: Alert, window: Instant) -> tuple[Member, ...]:
    """The calls of each line of a group in one window; those that were left out are no calls."""
    lines, read = alert.project.lines, alert.members
    if len(lines) == 1:
        return ()
    return tuple(
        Member(each.name, read.peaks.get(each.name, {}).get(window, _absent(read, each.name)))
        for each in lines
    )


def _absent(members: Members, name: str) -> int | None:
    return None if name in members.unread else 0


def _studio_url(project: Project, members: Sequence[Member]) -> str:
    """The page of the line that drives a group."""
    urls = {each.name: each.studio_url for each in project.lines}
    read = [(each.value, each.project) for each in members if each.value is not None]
    return urls[max(read)[1]] if read else ""


def _why_over(alert: Alert, progress: Progress) -> str:
    """The reason where it did not recover by a reading: its hours are over, or nothing is known."""
    ended = progress.ended
    if ended is None:
        return ""
    if not alert.rule.hours.active(ended):
        return OUTSIDE_HOURS
    if any(level.usual for level in alert.rule.levels):
        usual = alert.judged.usual
        if found := usual.new_level(progress.episode.window, ended):
            return new_level_text(found, alert.rule.hours.zone)
        if usual.at(ended) is None:
            return USUAL_NOT_KNOWN
    if alert.silent is None or ended <= alert.silent:
        return ""
    return SILENT if alert.rule.missing is Missing.ZERO else NOT_AWAITED


def new_level_text(found: NewLevel, zone: str) -> str:
    """As in `new level since Tuesday: 1.6 x usual`."""
    day = datetime.fromtimestamp(found.since, ZoneInfo(zone)).strftime("%A")
    return f"new level since {day}: {found.ratio:g} x usual"


def _number(prior: Incident | None, kind: Kind) -> int:
    """A number that tells apart notices with the same incident, kind, severity and window."""
    if prior is None:
        return 0
    if kind is Kind.REMINDER:
        return prior.reminders + 1
    return prior.changes if kind in (Kind.ESCALATED, Kind.EASED) else 0


def _new_id(alert: Alert, episode: Episode) -> str:
    incident = incident_id(alert.fingerprint, episode.window, f"{alert.identity}{alert.again}")
    while incident in alert.closed_by_edit:
        incident = short_hash(incident, "again")
    return incident


def _window(progress: Progress, kind: Kind, now: Instant) -> Instant:
    """The window that the notice is about."""
    if progress.ended is not None:
        return progress.ended
    return window_of(now) if kind is Kind.REMINDER else progress.episode.changed


def _valued(alert: Alert, progress: Progress, kind: Kind, level: Level, moment: Moment) -> Instant:
    """The window whose calls the notice names.

    While the alert fires, it is the newest window that breaches: M of N windows may hold a level
    although the newest one is calm. At the end it is the window that ended it. Windows outside the
    hours count for nothing.
    """
    if progress.ended is not None:
        return progress.ended
    rule = alert.rule
    holding = kind not in (Kind.FIRED, Kind.ESCALATED)
    newest = window_of(moment.now) if rule.upper else moment.closed
    oldest = progress.episode.changed - (rule.among - 1) * WINDOW
    for window in range(newest, oldest - WINDOW, -WINDOW):
        breaches = alert.judged.breaches(window, level, moment.closed, holding=holding)
        if breaches and rule.hours.active(window):
            return window
    return moment.closed if kind is Kind.REMINDER else progress.episode.changed


def last_hour(peaks: Peaks, newest: Instant, moment: Moment) -> tuple[Reading, ...]:
    """The hour of windows up to `newest`; a window that is late is not open, but has no value."""
    closed = last_closed(moment.now, moment.settle)
    return tuple(
        Reading(window, peaks.get(window), open=window > closed)
        for window in span(newest - HOUR, newest)
    )
