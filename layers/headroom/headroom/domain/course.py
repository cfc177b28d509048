"""The course of one alert through one check: episodes that begin, change and end.

Two judges stand side by side. Closed windows decide, each once and in order, whatever the checks
did (`confirmed`). Open windows only add: an upper bound that holds already fires or escalates at
once, and the closing of that same window confirms it or takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from headroom.domain.incidents import Incident
from headroom.domain.m_of_n import calls_at, confirmed_at, exists, tentative_at
from headroom.domain.readings import Peaks
from headroom.domain.rules import Rule, Severity
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Course:
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
class Episode:
    """One incident while a check works on it."""

    window: Instant
    severity: Severity
    changed: Instant
    confirmed: Severity | None
    worst: Severity
    top: Severity
    """The highest since the last check."""
    top_at: Instant
    """The window that gave it."""
    peak: int | None
    ended: Instant | None = None
    """The closed window that no longer held."""
    known: bool = False
    """Whether an earlier check notified it."""

    @classmethod
    def of(cls, incident: Incident) -> Episode:
        """The incident as the last check left it."""
        return cls(
            incident.window,
            incident.severity,
            incident.changed,
            incident.confirmed,
            incident.worst,
            incident.severity,
            incident.changed,
            incident.peak,
            known=True,
        )

    def see(self, rule: Rule, value: int | None) -> None:
        """Keep the furthest reading: the highest of an upper bound, the lowest of a lower one."""
        if value is not None:
            known = value if self.peak is None else self.peak
            self.peak = max(known, value) if rule.upper else min(known, value)

    def take(self, severity: Severity, window: Instant) -> None:
        """Change the severity because of this window."""
        self.severity = severity
        self.changed = window
        self._rise(severity, window)

    def _rise(self, severity: Severity, window: Instant) -> None:
        self.worst = max(self.worst, severity, key=lambda each: each.rank)
        if severity.rank > self.top.rank:
            self.top, self.top_at = severity, window

    def hold_top(self) -> None:
        """Be as severe as it was at any time in this check; the next window that closes eases it.

        Else nobody would hear of what came and went between two checks.
        """
        self.severity, self.changed = self.top, self.top_at

    def forget_top(self) -> None:
        """Take what was worse before for history."""
        self.worst = self.top = self.severity

    def join(self, rule: Rule, earlier: Episode) -> None:
        """Take over a stretch that began before the window that fired, and holds there still."""
        self._rise(earlier.top, earlier.top_at)
        self.see(rule, earlier.peak)

    def confirm(self, severity: Severity | None, window: Instant) -> None:
        """Take what the closing of one window says.

        It is none before the one that fired (`follow`). One before the window that gave the
        severity never lowers it.
        """
        self.confirmed = severity
        if severity is None:
            self.ended = window
        elif severity.rank > self.severity.rank or (
            severity is not self.severity and window >= self.changed
        ):
            self.take(severity, window)


def follow(
    rule: Rule,
    peaks: Peaks,
    episode: Episode | None,
    windows: Course,
    *,
    sliced: bool,
    history: Instant | None = None,
) -> list[Episode]:
    """All episodes that this check touches, oldest first; only the last may still go on.

    How severe one was up to `history` is not told.
    """
    episodes = [episode] if episode else []
    before: list[Episode] = []
    confirmed = episode.confirmed if episode else None
    for window in windows.again:
        _look(rule, peaks, window, windows.closed, episodes)
    for window in windows.closing:
        known = not sliced or confirmed is not None or exists(rule, peaks, window)
        confirmed = confirmed_at(rule, peaks, window, confirmed) if known else None
        if episode and window < episode.window:
            # It never ends the incident, and may be of another: an open window fired first.
            _close(rule, peaks, window, confirmed, before)
            continue
        if episode and _current(before):
            episode.join(rule, before.pop())
        _close(rule, peaks, window, confirmed, episodes)
        if history is not None and window <= history and (current := _current(episodes)):
            current.forget_top()
    for window in windows.opened:
        if not sliced or _current(episodes) or exists(rule, peaks, window):
            _look(rule, peaks, window, windows.closed, episodes)
    return before + episodes


def _current(episodes: list[Episode]) -> Episode | None:
    return episodes[-1] if episodes and episodes[-1].ended is None else None


def _begun(
    severity: Severity, window: Instant, value: int | None, confirmed: Severity | None = None
) -> Episode:
    return Episode(window, severity, window, confirmed, severity, severity, window, value)


def _close(
    rule: Rule,
    peaks: Peaks,
    window: Instant,
    confirmed: Severity | None,
    episodes: list[Episode],
) -> None:
    current = _current(episodes)
    if current is not None:
        current.confirm(confirmed, window)
        if current.ended is None:
            current.see(rule, calls_at(rule, peaks, window))
    elif confirmed is not None:
        value = calls_at(rule, peaks, window)
        episodes.append(_begun(confirmed, window, value, confirmed))


def _look(
    rule: Rule, peaks: Peaks, window: Instant, closed: Instant, episodes: list[Episode]
) -> None:
    severity = tentative_at(rule, peaks, window, closed)
    if severity is None:
        return
    current = _current(episodes)
    if current is None:
        value = calls_at(rule, peaks, window)
        episodes.append(_begun(severity, window, value))
    elif severity.rank > current.severity.rank and window >= current.window:
        current.take(severity, window)
        current.see(rule, peaks.get(window))
