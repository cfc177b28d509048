"""Evaluation of one project: readings + rules + what stood + now -> what stands, and notices.

Pure: touches no clock, no network, no environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.closing import SERIES_SILENT, close_unwatched, closing, identity, silent
from headroom.domain.due_windows import DueWindows, after
from headroom.domain.incidents import AlertWindows, Incident, Progress, follow
from headroom.domain.lateness import Known, failed, fell_silent, known
from headroom.domain.m_of_n import could_hold
from headroom.domain.notices import Kind, Notice, digest
from headroom.domain.notify import describe, seen, settle
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.readings import WHOLE, Answer, Failure, Peaks
from headroom.domain.rules import Project, Rule, Watch
from headroom.domain.supersede import aged
from headroom.domain.windows import HOUR, WINDOW, Instant, Moment, span, window_of

NO_PEAKS: Peaks = {}


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What stands after the check, and what has to be told."""

    state: ProjectState
    told: tuple[RoutedNotice, ...]
    failures: tuple[Failure, ...]
    silent: bool = False
    """Whether an answer that had stopped is taken for no calls now: an hour has passed."""
    present: Mapping[str, Notice] = field(default_factory=dict)
    """By alert, of those with an aged notice that go on: what a reminder would say now."""


def evaluate(
    project: Project,
    state: ProjectState,
    answers: Mapping[str, Answer | Failure],
    moment: Moment,
) -> Evaluated:
    """Let every window that closed take effect once, then look at the open ones.

    `answers` has one entry for each distinct query of the project, by its key. A query that failed
    keeps its alerts and its own watermark; the others go on.
    """
    reached = known(project, answers, moment, state.stopped)
    failures = failed(answers, reached)
    due = DueWindows(project, state, moment)
    old = aged(state.outbox, moment.now) if state.outbox else {}
    incidents = dict(state.incidents)
    rearmed = dict(state.rearmed)
    told = list(close_unwatched(project, incidents, moment.now)) if incidents else []
    for each in told:
        # Where the edit is taken back, nothing before the window that fired is news.
        rearmed[each.notice.alert_id] = each.notice.since
    present: dict[str, Notice] = {}
    for rule in project.rules:
        for watch in rule.watches:
            key = watch.query.key
            answer = answers[key]
            if isinstance(answer, Answer):
                first = due.first(key, rule)
                turn = _Turn(due, rule, watch, answer, reached[key], first, old, present)
                told += turn.run(incidents, rearmed)
    behind = _behind(state, failures, moment) if failures else {}
    left = replace(
        state,
        watermark=moment.closed,
        new=False,
        judged_at=moment.now,
        behind=behind,
        stopped=_stopped(state, answers, reached) if failures or state.stopped else (),
        unread=_unread(state, answers, moment) if failures else {},
        incidents=incidents,
        rearmed=_needed(rearmed, behind, moment),
    )
    silent = fell_silent(reached, state.stopped)
    return Evaluated(left, tuple(told), tuple(failures.values()), silent, present)


def _needed(
    rearmed: Mapping[str, Instant], behind: Mapping[str, Instant], moment: Moment
) -> dict[str, Instant]:
    """Those of windows that a later check may still judge again."""
    if not rearmed:
        return {}
    oldest = min((moment.closed, *behind.values())) - HOUR
    return {alert: window for alert, window in rearmed.items() if window > oldest}


def _behind(
    state: ProjectState, failures: Mapping[str, Failure], moment: Moment
) -> dict[str, Instant]:
    """The watermarks of the queries that failed, where windows have closed since."""
    lagging = {query: state.behind.get(query, state.watermark) for query in failures}
    return {query: mark for query, mark in lagging.items() if mark < moment.closed}


def _stopped(
    state: ProjectState, answers: Mapping[str, Answer | Failure], reached: Mapping[str, Known]
) -> tuple[str, ...]:
    """The queries whose answer stops; those that were not answered stay as they were."""
    stop = {key for key, each in reached.items() if each.failure}
    return tuple(sorted(stop | {key for key in state.stopped if key in answers} - {*reached}))


def _unread(
    state: ProjectState, answers: Mapping[str, Answer | Failure], moment: Moment
) -> dict[str, Instant]:
    """The queries that still were never read."""
    failed = [query for query, answer in answers.items() if isinstance(answer, Failure)]
    if state.new:
        return dict.fromkeys(failed, moment.closed)
    return {query: state.unread[query] for query in failed if query in state.unread}


@dataclass(slots=True)
class _Turn:
    """One rule on the answer to one of its queries."""

    due: DueWindows
    rule: Rule
    watch: Watch
    answer: Answer
    reach: Known
    """How far the answer is known."""
    first: Instant
    """The first window that is judged for an alert that does not fire."""
    aged: Mapping[str, Kind]
    """Alerts with a notice that could not be sent and is out of date, and its kind."""
    present: dict[str, Notice]

    def run(
        self, incidents: dict[str, Incident], rearmed: dict[str, Instant]
    ) -> Iterator[RoutedNotice]:
        """Evaluate every series; `incidents` becomes what is open afterwards."""
        project, now = self.due.project, self.due.moment
        for series, peaks in self._series(incidents):
            if not (incidents or rearmed) and not could_hold(
                self.rule, peaks, self.first, self.reach.until
            ):
                continue
            key = digest(project.name, self.rule.name, series)
            before = incidents.get(key)
            windows = self._windows(before, rearmed.get(key, 0))
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
            left, told = settle(alert, before, episodes, moment)
            news = any(each.notice.kind is not Kind.REMINDER for each in told)
            if left is not None and alert.id in self.aged and not news:
                kind = self.aged[alert.id]
                self.present[alert.id] = describe(alert, episodes[-1], kind, moment, before)
            incidents.pop(key, None)
            rearmed.pop(key, None)
            if left is not None:
                through, newest = windows.closing.stop - WINDOW, seen(peaks, before, moment.closed)
                incidents[alert.id] = replace(left, through=through, seen=newest)
            if (last := episodes[-1]).ended is not None:
                # Its end may be judged again, not the window that its ids are derived from.
                rearmed[alert.id] = max(last.ended, last.episode.window + WINDOW)
            yield from told

    def _windows(self, before: Incident | None, rearmed: Instant) -> AlertWindows:
        """The windows to judge: after those that took effect for an incident, or may have."""
        again = range(0)
        if before is not None:
            through = before.through
            if through is None:
                through = self.due.judged(self.watch.query.key, self.rule)
            first = after(through, self.due.moment)
            if self.rule.upper:
                again = span(max(self.first, before.episode.changed), through)
        else:
            newest = min(self.first, self.reach.until) if self.due.full else self.first
            first = max(rearmed, newest)
        last = max(first - WINDOW, self.reach.until)
        if before and before.episode.confirmed is None and last < before.episode.window:
            # Until the window that it fired on is final, nobody knows which of those before belong
            # to it, and which were over.
            last = first - WINDOW
        opened = span(last + WINDOW, window_of(self.due.moment.now))
        return AlertWindows(span(first, last), opened, self.reach.until, again)

    def _series(self, incidents: Mapping[str, Incident]) -> list[tuple[str, Peaks]]:
        """The series to look at: those answered, and of sliced ones also those that fire."""
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
            closed=state.closed,
            silent=self.reach.silent,
        )
