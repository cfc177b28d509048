"""Incidents: what one is, and what a check makes of it, window by window.

Closed windows decide, each once and in order, whenever the checks ran (`Episode.confirmed`). Open
windows only add: an upper bound that holds already fires or escalates at once, and the closing of
that window confirms it or takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from headroom.domain.lifecycle import Status
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.notices import Notice
from headroom.domain.rules import Rule, Severity
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch of an alert firing, as its windows tell it."""

    window: Instant
    """The firing window: a window before it never ends the incident."""
    severity: Severity
    changed: Instant
    """The window that gave the severity: a window before it never lowers it."""
    confirmed: Severity | None
    """The severity by closed windows alone."""
    worst: Severity
    peak: int | None
    """The furthest reading: the highest of an upper bound, the lowest of a lower bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An episode that goes on, and what was notified of it: all of an alert that is stored."""

    episode: Episode
    notified: tuple[str, ...]
    """Channels that were notified: they hear of it until its end."""
    last: Notice
    """The latest notice: what its end needs when the rule or the project is gone."""
    last_notified: Instant
    reminders: int = 0
    changes: int = 0
    """Severity changes that were notified: two of them may fall on one window."""
    through: Instant | None = None
    """The newest closed window that took effect for it; None: up to the query's watermark."""
    identity: str = ""
    """What the alert reads (filters, `per`, direction, ids); a change closes the incident."""
    seen: Instant = 0
    """The newest closed window with a reading of the series; 0: none since it fired."""

    @property
    def id(self) -> str:
        """See `notices.incident_id`."""
        return self.last.incident_id

    def at(self, status: Status) -> Incident | None:
        """The incident while the alert has this status; None: it is over."""
        severity = status.severity
        if severity is None or severity is self.episode.severity:
            return self if severity else None
        return replace(self, episode=replace(self.episode, severity=severity))


def status_of(incident: Incident | None) -> Status:
    """The status of an alert by its open incident."""
    return Status(incident.episode.severity) if incident else Status.OK


def put(incidents: dict[str, Incident], key: str, incident: Incident | None) -> None:
    """Put the incident that is open now in place of the one before; None: there is none."""
    if incident is None:
        incidents.pop(key, None)
    else:
        incidents[key] = incident


@dataclass(frozen=True, slots=True)
class AlertWindows:
    """The windows that one check judges an alert by, each part in order."""

    closing: range
    """The final windows that take effect now."""
    opened: range
    """Those that are open or late."""
    closed: Instant
    """The newest window that is final."""
    again: range = range(0)
    """Those that took effect for an incident already, where a later correction may worsen it."""


@dataclass(slots=True)
class Progress:
    """An episode while a check works on it."""

    episode: Episode
    top: Severity
    """The highest severity since the last check."""
    top_at: Instant
    """The window that gave it."""
    ended: Instant | None = None
    """The closed window that no longer held."""
    known: bool = False
    """Whether an earlier check notified it."""

    @classmethod
    def of(cls, episode: Episode, *, known: bool) -> Progress:
        """The episode as the check finds it, or as it begins."""
        return cls(episode, episode.severity, episode.changed, known=known)

    def see(self, rule: Rule, value: int | None) -> None:
        """Keep the furthest reading."""
        known = self.episode.peak
        if value is None or value == known:
            return
        further = known is None or (value > known if rule.upper else value < known)
        if further:
            self.episode = replace(self.episode, peak=value)

    def take(self, severity: Severity, window: Instant) -> None:
        """Change the severity because of this window."""
        self.episode = replace(self.episode, severity=severity, changed=window)
        self._rise(severity, window)

    def _rise(self, severity: Severity, window: Instant) -> None:
        if severity.rank > self.episode.worst.rank:
            self.episode = replace(self.episode, worst=severity)
        if severity.rank > self.top.rank:
            self.top, self.top_at = severity, window

    def hold_top(self) -> None:
        """Be as severe as it was at any time in this check; the next window that closes eases it.

        Otherwise nobody would hear of what came and went between two checks.
        """
        self.episode = replace(self.episode, severity=self.top, changed=self.top_at)

    def forget_top(self) -> None:
        """Take what was worse before for history."""
        self.top = self.episode.severity
        self.episode = replace(self.episode, worst=self.top)

    def join(self, rule: Rule, earlier: Progress) -> None:
        """Take over a stretch that began before the window that fired, and holds there still."""
        self._rise(earlier.top, earlier.top_at)
        self.see(rule, earlier.episode.peak)

    def confirm(self, severity: Severity | None, window: Instant) -> None:
        """Take what the closing of one window says.

        The window is none before the one that fired (`follow`). One before the window that gave
        the severity never lowers it.
        """
        if severity is not self.episode.confirmed:
            self.episode = replace(self.episode, confirmed=severity)
        now = self.episode
        if severity is None:
            self.ended = window
        elif severity.rank > now.severity.rank or (
            severity is not now.severity and window >= now.changed
        ):
            self.take(severity, window)


def follow(
    judged: JudgedSeries,
    episode: Episode | None,
    windows: AlertWindows,
    *,
    history: Instant | None = None,
) -> list[Progress]:
    """All episodes that this check touches, oldest first; only the last may still go on.

    How severe one was up to `history` is not notified.
    """
    episodes = [Progress.of(episode, known=True)] if episode else []
    before: list[Progress] = []
    confirmed = episode.confirmed if episode else None
    for window in windows.again:
        _look(judged, window, windows.closed, episodes)
    for window in windows.closing:
        known = not judged.sliced or confirmed is not None or judged.exists(window)
        confirmed = judged.confirmed_at(window, confirmed) if known else None
        if episode and window < episode.window:
            # It never ends the incident, and may be of another: an open window fired first.
            _close(judged, window, confirmed, before)
            continue
        if episodes and episodes[0].known and _current(before):
            episodes[0].join(judged.rule, before.pop())
        _close(judged, window, confirmed, episodes)
        if history is not None and window <= history and (current := _current(episodes)):
            current.forget_top()
    for window in windows.opened:
        if not judged.sliced or _current(episodes) or judged.exists(window):
            _look(judged, window, windows.closed, episodes)
    return before + episodes


def _current(episodes: list[Progress]) -> Progress | None:
    return episodes[-1] if episodes and episodes[-1].ended is None else None


def _begun(
    severity: Severity, window: Instant, value: int | None, confirmed: Severity | None = None
) -> Progress:
    return Progress.of(Episode(window, severity, window, confirmed, severity, value), known=False)


def _close(
    judged: JudgedSeries, window: Instant, confirmed: Severity | None, episodes: list[Progress]
) -> None:
    current = _current(episodes)
    if current is not None:
        current.confirm(confirmed, window)
        if current.ended is None:
            current.see(judged.rule, judged.calls_at(window))
    elif confirmed is not None:
        episodes.append(_begun(confirmed, window, judged.calls_at(window), confirmed))


def _look(judged: JudgedSeries, window: Instant, closed: Instant, episodes: list[Progress]) -> None:
    severity = judged.tentative_at(window, closed)
    if severity is None:
        return
    current = _current(episodes)
    if current is None:
        episodes.append(_begun(severity, window, judged.calls_at(window)))
    elif severity.rank > current.episode.severity.rank and window >= current.episode.window:
        current.take(severity, window)
        current.see(judged.rule, judged.peaks.get(window))
