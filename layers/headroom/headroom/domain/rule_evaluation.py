"""Evaluation of one rule on the answer to one of its queries, series by series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.baseline import Baseline
from headroom.domain.closing import SERIES_SILENT, close, identity, silent
from headroom.domain.describe import describe
from headroom.domain.due_windows import DueWindows, next_window
from headroom.domain.fingerprints import short_hash
from headroom.domain.groups import Combined
from headroom.domain.incidents import AlertWindows, Incident, Progress, follow, put
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.notices import Kind, Notice
from headroom.domain.notify import seen, settle
from headroom.domain.project_state import REMOVED
from headroom.domain.readings import WHOLE, Peaks
from headroom.domain.rules import Rule, Watch
from headroom.domain.usual import NOT_KNOWN, UsualOfSeries
from headroom.domain.windows import WINDOW, Instant, span, window_of

NO_PEAKS: Peaks = {}


@dataclass(slots=True)
class RuleOnAnswer:
    """One rule, and the answer to one of its queries."""

    due: DueWindows
    rule: Rule
    watch: Watch
    found: Combined
    """The answer, and how far it is known."""
    first: Instant
    """The first window that is judged for an alert that does not fire."""
    baseline: Baseline | None
    """What its rule compares the readings with, if it does."""
    aged: Mapping[str, Kind]
    """Alerts with an outdated pending notice, and its kind."""
    incidents: dict[str, Incident]
    may_fire_from: dict[str, Instant]
    current: dict[str, Notice]

    def run(self) -> Iterator[RoutedNotice]:
        """Evaluate every series, and bring `incidents` and `may_fire_from` up to date."""
        first, until = self.first, self.found.reach.until
        rule, sliced = self.rule, self.watch.series is None
        for series, peaks in self._series():
            usual = self._usual(series) if self.baseline else NOT_KNOWN
            judged = JudgedSeries(rule, peaks, sliced, usual)
            if self.incidents or self.may_fire_from or judged.could_hold(first, until):
                yield from self._judge(series, judged)

    def _usual(self, series: str) -> UsualOfSeries:
        key = series if self.watch.series is None else WHOLE
        return UsualOfSeries(self.baseline, key, self.rule.hours)

    def _judge(self, series: str, judged: JudgedSeries) -> list[RoutedNotice]:
        key = short_hash(self.due.project.name, self.rule.name, series)
        before = self.incidents.get(key)
        windows = self._windows(before, self.may_fire_from.get(key, 0))
        first, until = windows.closing.start, self.found.reach.until
        if before is None and not judged.could_hold(first, until):
            return []
        if before and self._silent(before, judged.peaks):
            now = self.due.moment.now
            return [*close(self.incidents, key, SERIES_SILENT, now, by_edit=False)]
        episodes = self._episodes(judged, before, windows)
        if not episodes:
            return []
        return self._settle(self._alert(series, judged), before, episodes, windows.closing)

    def _settle(
        self, alert: Alert, before: Incident | None, episodes: Sequence[Progress], closing: range
    ) -> list[RoutedNotice]:
        key, last = alert.id, episodes[-1]
        moment = replace(self.due.moment, closed=self.found.reach.until)
        after, notices = settle(alert, before, episodes, moment)
        news = any(each.notice.kind is not Kind.REMINDER for each in notices)
        if after is not None and key in self.aged and not news:
            self.current[key] = describe(alert, last, self.aged[key], moment, before)
        if after is not None:
            newest = seen(alert.judged.peaks, before, moment.closed)
            after = replace(after, through=closing.stop - WINDOW, seen=newest)
        put(self.incidents, key, after)
        self.may_fire_from.pop(key, None)
        if last.ended is not None:
            # Its end may be judged again, but not the window that its ids are derived from.
            self.may_fire_from[key] = max(last.ended, last.episode.window + WINDOW)
        return notices

    def _windows(self, before: Incident | None, may_fire_from: Instant) -> AlertWindows:
        """The windows to judge: those after the last that took effect, or may have."""
        again = range(0)
        if before is not None:
            through = before.through
            if through is None:
                through = self.due.judged(self.watch.query, self.rule)
            first = next_window(through, self.due.moment)
            if self.rule.upper:
                again = span(max(self.first, before.episode.changed), through)
        else:
            newest = self.first
            if self.due.full and not self.found.reach.partial:
                newest = min(newest, self.found.reach.until)
            first = max(may_fire_from, newest)
        last = max(first - WINDOW, self.found.reach.until)
        if before and before.episode.confirmed is None and last < before.episode.window:
            # Until the window that it fired on is final, we do not know which windows before it
            # belong to it, and which were over.
            last = first - WINDOW
        opened = span(last + WINDOW, window_of(self.due.moment.now))
        # A window that the lines at hand have no reading of may have one of the line that is not.
        closed = 0 if self.found.reach.partial else self.found.reach.until
        return AlertWindows(span(first, last), opened, closed, again)

    def _series(self) -> list[tuple[str, Peaks]]:
        """The series to look at: the answer's, and for a sliced query also those that fire."""
        if self.watch.series is not None:
            return [(self.watch.series, self.found.answer.series.get(WHOLE, {}))]
        firing = {
            each.last.series: NO_PEAKS
            for each in self.incidents.values()
            if each.last.rule == self.rule.name
        }
        return sorted({**firing, **self.found.answer.series}.items())

    def _silent(self, before: Incident, peaks: Peaks) -> bool:
        return self.watch.series is None and silent(before, peaks, self.due.moment.closed)

    def _episodes(
        self, judged: JudgedSeries, before: Incident | None, windows: AlertWindows
    ) -> list[Progress]:
        """The episodes to notify, without those that were over when the query was first read."""
        history = self.due.history(self.watch.query, self.rule)
        found = follow(
            judged,
            before.episode if before else None,
            windows,
            history=history,
        )
        if history is None:
            return found
        return [each for each in found if each.ended is None or each.ended > history]

    def _alert(self, series: str, judged: JudgedSeries) -> Alert:
        project, state = self.due.project, self.due.state
        return Alert(
            project=project,
            rule=self.rule,
            series=series,
            name=self.found.answer.names.get(series, self.watch.label),
            client_env=self.watch.query.client_env,
            judged=judged,
            identity=identity(project, self.rule, self.watch),
            # It judges windows again that were judged before it was removed.
            again=f" {project.version}" if state.config_version == REMOVED else "",
            closed_by_edit=state.closed_by_edit,
            silent=self.found.reach.silent,
            members=self.found.members,
            partial=self.found.reach.partial,
        )
