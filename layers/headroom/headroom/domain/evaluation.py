"""Evaluation of one project: readings + rules + what stood + now -> what stands, and notices.

Pure: touches no clock, no network, no environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from headroom.domain.alerts import Alert, Told
from headroom.domain.course import Episode, follow
from headroom.domain.describing import closing
from headroom.domain.headline import OVERFLOW
from headroom.domain.incidents import Incident
from headroom.domain.levels import could_hold
from headroom.domain.notices import digest
from headroom.domain.readings import WHOLE, Answer, Failure, Peaks
from headroom.domain.removal import SERIES_SILENT, close_unwatched, identity, silent
from headroom.domain.rules import Project, Rule, Watch
from headroom.domain.telling import settle
from headroom.domain.windows import WEEK, WINDOW, Instant, Moment, span

NO_PEAKS: Peaks = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a project between two checks."""

    watermark: Instant | None
    """The newest window that took effect; None: seen for the first time."""
    behind: Mapping[str, Instant] = field(default_factory=dict)
    """Query keys with a watermark of their own, since they could not be read."""
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    """By alert id; Headroom's own alerts are not evaluated here and pass through."""
    unread: Mapping[str, Instant] = field(default_factory=dict)
    """Query keys that could never be read yet, and the newest closed window at the first try."""
    closed: Mapping[str, Instant] = field(default_factory=dict)
    """Ids of incidents that an edit closed of late, and when."""
    again: str = ""
    """What tells incidents of a project that was put back from those of before its removal."""

    def closing(self, query: str, rule: Rule, moment: Moment) -> range:
        """The windows of a query that take effect now, in order.

        A query read for the first time starts N windows back from when its project was first seen;
        nothing reaches back over a week.
        """
        history = self.history(query, moment)
        if history is not None:
            done = history - rule.among * WINDOW
        else:
            done = self.behind.get(query, self.watermark or 0)
        return _after(done, moment)

    def oldest(self, query: str, rule: Rule, moment: Moment) -> Instant:
        """The first window that takes effect for any alert of a query."""
        usual = self.closing(query, rule, moment).start
        return min(usual, moment.closed) if self.full else usual

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
    told: tuple[Told, ...]
    failures: tuple[Failure, ...]


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
    failures = tuple(each for each in answers.values() if isinstance(each, Failure))
    incidents = dict(standing.incidents)
    told = list(close_unwatched(project, incidents, moment.now))
    for rule in project.rules:
        for watch in rule.watches:
            answer = answers[watch.query.key]
            if isinstance(answer, Answer):
                closes = standing.closing(watch.query.key, rule, moment)
                turn = _Turn(project, rule, watch, answer, closes, moment, standing)
                told += turn.run(incidents, standing.history(watch.query.key, moment))
    after = Standing(
        moment.closed,
        _behind(standing, answers, moment),
        incidents,
        _unread(standing, answers, moment),
    )
    return Evaluated(after, tuple(told), failures)


def _after(done: Instant, moment: Moment) -> range:
    """The windows that take effect where those up to `done` have: of a week at most."""
    return span(max(done, moment.closed - WEEK) + WINDOW, moment.closed)


def _behind(
    standing: Standing, answers: Mapping[str, Answer | Failure], moment: Moment
) -> dict[str, Instant]:
    """The watermarks of the queries that failed, where windows have closed since."""
    start = moment.closed if standing.watermark is None else standing.watermark
    lagging = {
        query: standing.behind.get(query, start)
        for query, answer in answers.items()
        if isinstance(answer, Failure)
    }
    return {query: mark for query, mark in lagging.items() if mark < moment.closed}


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
    closes: range
    moment: Moment
    standing: Standing

    def run(self, incidents: dict[str, Incident], history: Instant | None) -> Iterator[Told]:
        """Evaluate every series; `incidents` becomes what is open afterwards.

        Of a query that is read for the first time, what was over by `history` is not told.
        """
        newest = min(self.closes.start, self.moment.closed)
        again = span(newest, self.moment.closed) if self.standing.full else self.closes
        for series, peaks in self._series(incidents):
            key = digest(self.project.name, self.rule.name, series) if incidents else ""
            before = incidents.get(key)
            if before is None and not could_hold(self.rule, peaks):
                continue
            if before and self._silent(before, peaks):
                yield closing(incidents.pop(key), SERIES_SILENT, self.moment.now)
                continue
            episodes = self._follow(peaks, before, self.closes if before else again)
            if history is not None:
                episodes = [one for one in episodes if one.ended is None or one.ended > history]
            if not episodes:
                continue
            after, told = settle(self._alert(series, peaks), before, episodes, self.moment)
            incidents.pop(key, None)
            if after is not None:
                incidents[after.last.alert_id] = after
            yield from told

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

    def _follow(self, peaks: Peaks, before: Incident | None, closes: range) -> list[Episode]:
        return follow(
            self.rule,
            peaks,
            Episode.of(before) if before else None,
            closes,
            self.moment.opened,
            sliced=self.watch.series is None,
        )

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
        )
