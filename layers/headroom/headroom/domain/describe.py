"""What a notice says of an episode: its calls, the window that it names, and why it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from headroom.domain.alerts import Alert
from headroom.domain.baseline import NewLevel
from headroom.domain.fingerprints import incident_id, notice_id, short_hash
from headroom.domain.headline import headline
from headroom.domain.incidents import Episode, Incident, Progress
from headroom.domain.lateness import NOT_AWAITED, SILENT
from headroom.domain.m_of_n import level_of
from headroom.domain.notices import Kind, Member, Notice, Reading
from headroom.domain.readings import Members, Peaks
from headroom.domain.rules import Level, Missing, Project
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, last_closed, span, window_of

OUTSIDE_HOURS = "outside hours"
"""The reason at an end: the rule's active hours are over."""
USUAL_NOT_KNOWN = "usual is not known at this time"
"""The reason at an end: nothing is left to compare the calls with."""


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
