"""Evaluation of one project: readings + rules + what stood + now -> what stands, and notices.

Pure: touches no clock, no network, no environment.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import Alert, RoutedNotice
from headroom.domain.closing import SERIES_SILENT, close_unwatched, closing, identity, silent
from headroom.domain.course import Course, Episode, follow
from headroom.domain.headline import OVERFLOW
from headroom.domain.incidents import Incident
from headroom.domain.lateness import Known, failed, fell_silent, known
from headroom.domain.m_of_n import could_hold
from headroom.domain.notices import Kind, Notice, digest
from headroom.domain.notify import describe, settle
from headroom.domain.readings import WHOLE, Answer, Failure, Peaks
from headroom.domain.rules import Project, Rule, Watch
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, Moment, span, window_of

NO_PEAKS: Peaks = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a project between two checks."""

    watermark: Instant | None
    """The newest window that took effect; None: seen for the first time."""
    behind: Mapping[str, Instant] = field(default_factory=dict)
    """Query keys with a watermark of their own, since they could not be read."""
    stopped: Collection[str] = ()
    """Query keys whose answer stopped when they were last read (`lateness`)."""
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    """By alert id; Headroom's own alerts are not evaluated here and pass through."""
    unread: Mapping[str, Instant] = field(default_factory=dict)
    """Query keys that could never be read yet, and the newest closed window at the first try."""
    closed: Mapping[str, Instant] = field(default_factory=dict)
    """Ids of incidents that an edit closed of late, and when."""
    again: str = ""
    """What tells incidents of a project that was put back from those of before its removal."""
    joined: Instant = 0
    """Windows up to this one are history: the project was new then."""
    since: Instant = 0
    """Corrections of windows up to this one are history: the project was new or edited then."""
    rearmed: Mapping[str, Instant] = field(default_factory=dict)
    """Alerts whose incident ended of late, and the first window on which each may fire again."""
    aged: Mapping[str, Kind] = field(default_factory=dict)
    """Alerts with a notice that could not be sent and is out of date, and of which kind."""

    def done(self, query: str, rule: Rule, moment: Moment) -> Instant:
        """The newest window of a query that a check has judged, whether it was final or not.

        A query read for the first time starts N windows back from when its project was first seen.
        """
        history = self.history(query, moment)
        if history is not None:
            return history - rule.among * WINDOW
        return self.behind.get(query, self.watermark or 0)

    def first(self, query: str, rule: Rule, moment: Moment) -> Instant:
        """The first window that is judged for an alert of a query that does not fire.

        Those that may have been late at the last check are judged again, and for an upper bound all
        of the last hour: what was well stays so, unless a reading has come or has risen since. An
        edit makes no news of corrections; what was late then has not taken effect yet.
        """
        done = self.done(query, rule, moment)
        new = self.watermark is None
        late = done - math.ceil(moment.late / WINDOW) * WINDOW
        again = min(done, max(late, moment.closed if new else self.joined))
        if rule.upper:
            again = min(again, max(moment.closed - HOUR, moment.closed if new else self.since))
        return _after(again, moment)

    def oldest(self, query: str, rule: Rule, moment: Moment) -> Instant:
        """The first window that is judged for any alert of a query."""
        fires = (
            _after(each.through, moment)
            for each in self.incidents.values()
            if each.through is not None and each.last.rule == rule.name
        )
        usual = self.first(query, rule, moment)
        return min((usual, moment.closed if self.full else usual, *fires))

    @property
    def full(self) -> bool:
        """Whether alerts fire that have no incident for want of room (`overflow`).

        What closed windows say of those without an incident is then looked at in each check.
        """
        return any(each.last.rule == OVERFLOW for each in self.incidents.values())

    def history(self, query: str, moment: Moment) -> Instant | None:
        """The window up to which what is over is not told; None: all is."""
        return moment.closed if self.watermark is None else self.unread.get(query)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What stands after the check, and what has to be told."""

    standing: Standing
    told: tuple[RoutedNotice, ...]
    failures: tuple[Failure, ...]
    silent: bool = False
    """Whether an answer that had stopped is taken for no calls now: an hour has passed."""
    present: Mapping[str, Notice] = field(default_factory=dict)
    """By alert, of those with an aged notice that go on: what a reminder would say now."""


def evaluate(
    project: Project,
    standing: Standing,
    answers: Mapping[str, Answer | Failure],
    moment: Moment,
) -> Evaluated:
    """Let every window that closed take effect once, then look at the open ones.

    `answers` has one entry for each distinct query of the project, by its key. A query that failed
    keeps its alerts and its own watermark; the others go on.
    """
    reached = known(project, answers, moment, standing.stopped)
    failures = failed(answers, reached)
    incidents = dict(standing.incidents)
    rearmed = dict(standing.rearmed)
    told = list(close_unwatched(project, incidents, moment.now))
    for key in standing.incidents.keys() - incidents.keys():
        # Where the edit is taken back, nothing before the window that fired is news.
        rearmed[key] = standing.incidents[key].window
    present: dict[str, Notice] = {}
    for rule in project.rules:
        for watch in rule.watches:
            key = watch.query.key
            answer = answers[key]
            if isinstance(answer, Answer):
                first = standing.first(key, rule, moment)
                turn = _Turn(
                    project, rule, watch, answer, moment, reached[key], standing, first, present
                )
                told += turn.run(incidents, rearmed, standing.history(key, moment))
    behind = _behind(standing, failures, moment)
    after = Standing(
        moment.closed,
        behind,
        _stopped(standing, answers, reached),
        incidents,
        _unread(standing, answers, moment),
        rearmed=_needed(rearmed, behind, moment),
    )
    silent = fell_silent(reached, standing.stopped)
    return Evaluated(after, tuple(told), tuple(failures.values()), silent, present)


def _after(done: Instant, moment: Moment) -> Instant:
    """The first window to judge where those up to `done` were: a week back at most."""
    return max(done, moment.closed - WEEK) + WINDOW


def _needed(
    rearmed: Mapping[str, Instant], behind: Mapping[str, Instant], moment: Moment
) -> dict[str, Instant]:
    """Those of windows that a later check may still judge again."""
    if not rearmed:
        return {}
    oldest = min((moment.closed, *behind.values())) - HOUR
    return {alert: window for alert, window in rearmed.items() if window > oldest}


def _behind(
    standing: Standing, failures: Mapping[str, Failure], moment: Moment
) -> dict[str, Instant]:
    """The watermarks of the queries that failed, where windows have closed since."""
    start = moment.closed if standing.watermark is None else standing.watermark
    lagging = {query: standing.behind.get(query, start) for query in failures}
    return {query: mark for query, mark in lagging.items() if mark < moment.closed}


def _stopped(
    standing: Standing, answers: Mapping[str, Answer | Failure], reached: Mapping[str, Known]
) -> tuple[str, ...]:
    """The queries whose answer stops; those that were not answered stay as they were."""
    stop = {key for key, each in reached.items() if each.failure}
    return tuple(sorted(stop | {key for key in standing.stopped if key in answers} - {*reached}))


def _unread(
    standing: Standing, answers: Mapping[str, Answer | Failure], moment: Moment
) -> dict[str, Instant]:
    """The queries that still were never read."""
    failed = [query for query, answer in answers.items() if isinstance(answer, Failure)]
    if standing.watermark is None:
        return dict.fromkeys(failed, moment.closed)
    return {query: standing.unread[query] for query in failed if query in standing.unread}


@dataclass(frozen=True, slots=True)
class _Turn:
    """One rule on the answer to one of its queries."""

    project: Project
    rule: Rule
    watch: Watch
    answer: Answer
    moment: Moment
    reach: Known
    """How far the answer is known."""
    standing: Standing
    first: Instant
    """The first window that is judged for an alert that does not fire."""
    present: dict[str, Notice]

    def run(
        self,
        incidents: dict[str, Incident],
        rearmed: dict[str, Instant],
        history: Instant | None,
    ) -> Iterator[RoutedNotice]:
        """Evaluate every series; `incidents` becomes what is open afterwards.

        Of a query that is read for the first time, what was over by `history` is not told.
        """
        for series, peaks in self._series(incidents):
            if not (incidents or rearmed) and not could_hold(
                self.rule, peaks, self.first, self.reach.until
            ):
                continue
            key = digest(self.project.name, self.rule.name, series)
            before = incidents.get(key)
            windows = self._course(before, rearmed.get(key, 0))
            if before is None and not could_hold(
                self.rule, peaks, windows.closing.start, self.reach.until
            ):
                continue
            if before and self._silent(before, peaks):
                yield closing(incidents.pop(key), SERIES_SILENT, self.moment.now)
                continue
            episodes = self._episodes(peaks, before, windows, history)
            if not episodes:
                continue
            alert = self._alert(series, peaks)
            moment = replace(self.moment, closed=self.reach.until)
            after, told = settle(alert, before, episodes, moment)
            news = any(each.notice.kind is not Kind.REMINDER for each in told)
            if after is not None and alert.id in self.standing.aged and not news:
                kind = self.standing.aged[alert.id]
                self.present[alert.id] = describe(alert, episodes[-1], kind, moment, before)
            incidents.pop(key, None)
            rearmed.pop(key, None)
            if after is not None:
                incidents[alert.id] = replace(after, through=windows.closing.stop - WINDOW)
            if (last := episodes[-1]).ended is not None:
                # Its end may be judged again, not the window that its ids are derived from.
                rearmed[alert.id] = max(last.ended, last.window + WINDOW)
            yield from told

    def _course(self, before: Incident | None, rearmed: Instant) -> Course:
        """The windows to judge: after those that took effect for an incident, or may have."""
        again = range(0)
        if before is not None:
            through = before.through
            if through is None:
                through = self.standing.done(self.watch.query.key, self.rule, self.moment)
            first = _after(through, self.moment)
            if self.rule.upper:
                again = span(max(self.first, before.changed), through)
        else:
            newest = min(self.first, self.reach.until) if self.standing.full else self.first
            first = max(rearmed, newest)
        last = max(first - WINDOW, self.reach.until)
        if before and before.confirmed is None and last < before.window:
            # Until the window that it fired on is final, nobody knows which of those before belong
            # to it, and which were over.
            last = first - WINDOW
        opened = span(last + WINDOW, window_of(self.moment.now))
        return Course(span(first, last), opened, self.reach.until, again)

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
        return self.watch.series is None and silent(before, peaks, self.moment.closed)

    def _episodes(
        self, peaks: Peaks, before: Incident | None, windows: Course, history: Instant | None
    ) -> list[Episode]:
        """What there is to tell: of a query that is read for the first time, what goes on."""
        found = follow(
            self.rule,
            peaks,
            Episode.of(before) if before else None,
            windows,
            sliced=self.watch.series is None,
            history=history,
        )
        if history is None:
            return found
        return [each for each in found if each.ended is None or each.ended > history]

    def _alert(self, series: str, peaks: Peaks) -> Alert:
        return Alert(
            project=self.project,
            rule=self.rule,
            series=series,
            name=self.answer.names.get(series, self.watch.label),
            client_env=self.watch.query.client_env,
            peaks=peaks,
            identity=identity(self.project, self.rule, self.watch),
            again=self.standing.again,
            closed=self.standing.closed,
            silent=self.reach.silent,
        )
