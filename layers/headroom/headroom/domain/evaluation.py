"""Evaluation of one project's rules: readings, rules, state and now -> the next state, and notices.

Pure: it uses no clock, no network, no environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.closing import SERIES_SILENT, close_unwatched, closing, identity, silent
from headroom.domain.due_windows import DueWindows, next_window
from headroom.domain.incidents import AlertWindows, Incident, Progress, follow
from headroom.domain.lateness import Known, failed, fell_silent, known
from headroom.domain.m_of_n import could_hold
from headroom.domain.notices import Kind, Notice, short_hash
from headroom.domain.notify import describe, seen, settle
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.readings import WHOLE, Answer, Failure, Peaks
from headroom.domain.rules import Project, Rule, Watch
from headroom.domain.supersede import aged
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, span, window_of

NO_PEAKS: Peaks = {}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The outcome of one project's rules."""

    state: ProjectState
    notices: tuple[RoutedNotice, ...]
    failures: tuple[Failure, ...]
    silent: bool = False
    """An answer that had stopped counts as no calls now: an hour has passed."""
    current: Mapping[str, Notice] = field(default_factory=dict)
    """What a reminder would say now, for firing alerts with an outdated pending notice."""


def evaluate(
    project: Project,
    state: ProjectState,
    answers: Mapping[str, Answer | Failure],
    moment: Moment,
) -> Evaluated:
    """Let every window that closed take effect once, then look at the open ones.

    `answers` has one entry for each distinct query of the project, by its key. The alerts of a
    query that failed stay as they are, and it keeps its own watermark; the others go on.
    """
    reached = known(project, answers, moment, state.stopped)
    failures = failed(answers, reached)
    due = DueWindows(project, state, moment)
    old = aged(state.outbox, moment.now) if state.outbox else {}
    incidents = dict(state.incidents)
    may_fire_from = dict(state.may_fire_from)
    notices = list(close_unwatched(project, incidents, moment.now)) if incidents else []
    for each in notices:
        # If the edit is taken back, nothing before the window that fired is news.
        may_fire_from[each.notice.alert_id] = each.notice.since
    current: dict[str, Notice] = {}
    for rule in project.rules:
        for watch in rule.watches:
            key = watch.query.key
            answer = answers[key]
            if isinstance(answer, Answer):
                first = due.first(key, rule)
                judging = _RuleOnAnswer(due, rule, watch, answer, reached[key], first, old, current)
                notices += judging.run(incidents, may_fire_from)
    behind = _behind(state, failures, moment) if failures else {}
    after = replace(
        state,
        watermark=moment.closed,
        new=False,
        judged_at=moment.now,
        behind=behind,
        stopped=_stopped(state, answers, reached) if failures or state.stopped else (),
        never_read=_never_read(state, answers, moment) if failures else {},
        incidents=incidents,
        may_fire_from=_needed(may_fire_from, behind, moment),
    )
    silent = fell_silent(reached, state.stopped)
    return Evaluated(after, tuple(notices), tuple(failures.values()), silent, current)


def _needed(
    may_fire_from: Mapping[str, Instant], behind: Mapping[str, Instant], moment: Moment
) -> dict[str, Instant]:
    """The alerts whose windows a later check may still judge again."""
    if not may_fire_from:
        return {}
    oldest = min((moment.closed, *behind.values())) - HOUR
    return {alert: window for alert, window in may_fire_from.items() if window > oldest}


def _behind(
    state: ProjectState, failures: Mapping[str, Failure], moment: Moment
) -> dict[str, Instant]:
    """The watermarks of the queries that failed, where windows have closed since."""
    lagging = {query: state.behind.get(query, state.watermark) for query in failures}
    return {query: mark for query, mark in lagging.items() if mark < moment.closed}


def _stopped(
    state: ProjectState, answers: Mapping[str, Answer | Failure], reached: Mapping[str, Known]
) -> tuple[str, ...]:
    """The queries whose answer stops; one that was not answered stays as it was."""
    stop = {key for key, each in reached.items() if each.failure}
    return tuple(sorted(stop | {key for key in state.stopped if key in answers} - {*reached}))


def _never_read(
    state: ProjectState, answers: Mapping[str, Answer | Failure], moment: Moment
) -> dict[str, Instant]:
    """The queries that could not be read yet, not even once."""
    failed = [query for query, answer in answers.items() if isinstance(answer, Failure)]
    if state.new:
        return dict.fromkeys(failed, moment.closed)
    return {query: state.never_read[query] for query in failed if query in state.never_read}


@dataclass(slots=True)
class _RuleOnAnswer:
    """One rule, and the answer to one of its queries."""

    due: DueWindows
    rule: Rule
    watch: Watch
    answer: Answer
    reach: Known
    """How far the answer is known."""
    first: Instant
    """The first window that is judged for an alert that does not fire."""
    aged: Mapping[str, Kind]
    """Alerts with an outdated pending notice, and its kind."""
    current: dict[str, Notice]

    def run(
        self, incidents: dict[str, Incident], may_fire_from: dict[str, Instant]
    ) -> Iterator[RoutedNotice]:
        """Evaluate every series, and bring `incidents` and `may_fire_from` up to date."""
        project, now = self.due.project, self.due.moment
        for series, peaks in self._series(incidents):
            if not (incidents or may_fire_from) and not could_hold(
                self.rule, peaks, self.first, self.reach.until
            ):
                continue
            key = short_hash(project.name, self.rule.name, series)
            before = incidents.get(key)
            windows = self._windows(before, may_fire_from.get(key, 0))
            if before is None and not could_hold(
                self.rule, peaks, windows.closing.start, self.reach.until
            ):
                continue
            if before and self._silent(before, peaks):
                yield closing(incidents.pop(key), SERIES_SILENT, now.now)
                continue
            episodes = self._episodes(peaks, before, windows)
            if not episodes:
                continue
            alert = self._alert(series, peaks)
            moment = replace(now, closed=self.reach.until)
            after, notices = settle(alert, before, episodes, moment)
            news = any(each.notice.kind is not Kind.REMINDER for each in notices)
            if after is not None and alert.id in self.aged and not news:
                kind = self.aged[alert.id]
                self.current[alert.id] = describe(alert, episodes[-1], kind, moment, before)
            incidents.pop(key, None)
            may_fire_from.pop(key, None)
            if after is not None:
                through, newest = windows.closing.stop - WINDOW, seen(peaks, before, moment.closed)
                incidents[alert.id] = replace(after, through=through, seen=newest)
            if (last := episodes[-1]).ended is not None:
                # Its end may be judged again, but not the window that its ids are derived from.
                may_fire_from[alert.id] = max(last.ended, last.episode.window + WINDOW)
            yield from notices

    def _windows(self, before: Incident | None, may_fire_from: Instant) -> AlertWindows:
        """The windows to judge: those after the last that took effect, or may have."""
        again = range(0)
        if before is not None:
            through = before.through
            if through is None:
                through = self.due.judged(self.watch.query.key, self.rule)
            first = next_window(through, self.due.moment)
            if self.rule.upper:
                again = span(max(self.first, before.episode.changed), through)
        else:
            newest = min(self.first, self.reach.until) if self.due.full else self.first
            first = max(may_fire_from, newest)
        last = max(first - WINDOW, self.reach.until)
        if before and before.episode.confirmed is None and last < before.episode.window:
            # Until the window that it fired on is final, we do not know which windows before it
            # belong to it, and which were over.
            last = first - WINDOW
        opened = span(last + WINDOW, window_of(self.due.moment.now))
        return AlertWindows(span(first, last), opened, self.reach.until, again)

    def _series(self, incidents: Mapping[str, Incident]) -> list[tuple[str, Peaks]]:
        """The series to look at: the answer's, and for a sliced query also those that fire."""
        if self.watch.series is not None:
            return [(self.watch.series, self.answer.series.get(WHOLE, {}))]
        firing = {
            each.last.series: NO_PEAKS
            for each in incidents.values()
            if each.last.rule == self.rule.name
        }
        return sorted({**firing, **self.answer.series}.items())

    def _silent(self, before: Incident, peaks: Peaks) -> bool:
        return self.watch.series is None and silent(before, peaks, self.due.moment.closed)

    def _episodes(
        self, peaks: Peaks, before: Incident | None, windows: AlertWindows
    ) -> list[Progress]:
        """The episodes to notify, without those that were over when the query was first read."""
        history = self.due.history(self.watch.query.key)
        found = follow(
            self.rule,
            peaks,
            before.episode if before else None,
            windows,
            sliced=self.watch.series is None,
            history=history,
        )
        if history is None:
            return found
        return [each for each in found if each.ended is None or each.ended > history]

    def _alert(self, series: str, peaks: Peaks) -> Alert:
        project, state = self.due.project, self.due.state
        return Alert(
            project=project,
            rule=self.rule,
            series=series,
            name=self.answer.names.get(series, self.watch.label),
            client_env=self.watch.query.client_env,
            peaks=peaks,
            identity=identity(project, self.rule, self.watch),
            # It judges windows again that were judged before it was removed.
            again=f" {project.version}" if state.config_version == REMOVED else "",
            closed_by_edit=state.closed_by_edit,
            silent=self.reach.silent,
        )
