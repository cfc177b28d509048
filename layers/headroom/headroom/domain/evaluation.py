"""Evaluation of one project's rules: readings, rules, state and now -> the next state, and notices.

Pure: it uses no clock, no network, no environment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.baselines import NO_BASELINES, Baselines, Unread
from headroom.domain.closing import close_unwatched
from headroom.domain.due_windows import DueWindows, usual_mark
from headroom.domain.groups import combined
from headroom.domain.lateness import Known, failed, fell_silent, known, own_failures
from headroom.domain.lines import LineFailure
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answers, Failure, Query
from headroom.domain.rule_evaluation import RuleOnAnswer
from headroom.domain.rules import Project
from headroom.domain.supersede import aged
from headroom.domain.windows import HOUR, Instant, Moment


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome of one project's rules."""

    state: ProjectState
    notices: tuple[RoutedNotice, ...]
    failures: tuple[LineFailure, ...]
    """Those of its own: see `lateness.own_failures`."""
    silent: bool = False
    """An answer that had stopped counts as no calls now: an hour has passed."""
    current: Mapping[str, Notice] = field(default_factory=dict)
    """What a reminder would say now, for firing alerts with an outdated pending notice."""


def evaluate(
    project: Project,
    state: ProjectState,
    answers: Answers,
    moment: Moment,
    baselines: Baselines = NO_BASELINES,
) -> Evaluation:
    """Let every window that closed take effect once, then look at the open ones.

    `answers` has one entry for each distinct query of the project, by its key. The alerts of a
    query that failed stay as they are, and it keeps its own watermark; the others go on. Rules that
    need a baseline that could not be read wait in the same way.
    """
    reached = known(project, answers, moment, state.stopped)
    failures = failed(project, answers, reached)
    due = DueWindows(project, state, moment)
    old = aged(state.outbox, moment.now) if state.outbox else {}
    incidents = dict(state.incidents)
    fire_from = dict(state.may_fire_from)
    notices = list(close_unwatched(project, incidents, moment.now)) if incidents else []
    for each in notices:
        # If the edit is taken back, nothing before the window that fired is news.
        fire_from[each.notice.alert_id] = each.notice.since
    current: dict[str, Notice] = {}
    waiting: dict[str, Instant] = {}
    never_judged: dict[str, Instant] = {}
    for rule in project.rules:
        for watch in rule.watches:
            query = watch.query
            baseline = baselines.get(query.key) if rule.needs_usual else None
            if rule.needs_usual and _must_wait(due, query, baseline, failures):
                waiting[usual_mark(query.key)] = due.mark(query, rule)
                if (history := due.history(query, rule)) is not None:
                    never_judged[usual_mark(query.key)] = history
            if isinstance(baseline, Unread):
                continue
            found = combined(due, rule, query, answers, reached)
            if found is not None:
                first = due.first(query, rule)
                judging = RuleOnAnswer(
                    due, rule, watch, found, first, baseline, old, incidents, fire_from, current
                )
                notices += judging.run()
    behind = _behind(due, failures, waiting)
    behind |= {key: waiting[key] for key in never_judged}  # also where no window has closed since
    after = replace(
        state,
        watermark=moment.closed,
        new=False,
        judged_at=moment.now,
        behind=behind,
        stopped=_stopped(state, answers, reached) if failures or state.stopped else (),
        never_read=(_never_read(due, answers) if failures else {}) | never_judged,
        incidents=incidents,
        may_fire_from=_needed(fire_from, behind, moment),
    )
    silent = fell_silent(reached, state.stopped)
    own = own_failures(project, failures) if failures else ()
    return Evaluation(after, tuple(notices), own, silent, current)


def _needed(
    may_fire_from: Mapping[str, Instant], behind: Mapping[str, Instant], moment: Moment
) -> dict[str, Instant]:
    """The alerts whose windows a later check may still judge again."""
    if not may_fire_from:
        return {}
    oldest = min((moment.closed, *behind.values())) - HOUR
    return {alert: window for alert, window in may_fire_from.items() if window > oldest}


def _must_wait(due: DueWindows, query: Query, baseline: object, failures: Collection[str]) -> bool:
    """Whether rules of usual have windows of this query left that they could not judge now."""
    if isinstance(baseline, Unread):
        return True
    waits = usual_mark(query.key) in due.state.behind
    return waits and any(each.key in failures for each in due.project.asked(query))


def _behind(
    due: DueWindows, failures: Collection[str], waiting: Mapping[str, Instant]
) -> dict[str, Instant]:
    """The watermarks of what could not be judged, where windows have closed since.

    They are those of queries that failed, and those of rules that wait for a baseline. Where one
    line of a group fails after another, both have the mark up to which all of them were judged.
    """
    if not (failures or waiting):
        return {}
    lagging = dict(waiting)
    for query, key in _asked(due.project, failures):
        mark = due.reached(query)
        lagging[key] = min(mark, lagging.get(key, mark))
    return {query: mark for query, mark in lagging.items() if mark < due.moment.closed}


def _asked(project: Project, keys: Collection[str]) -> Iterator[tuple[Query, str]]:
    """Each of these queries of a line, with the query of a rule that asks it."""
    for rule in project.rules:
        for watch in rule.watches:
            for each in project.asked(watch.query):
                if each.key in keys:
                    yield watch.query, each.key


def _stopped(
    state: ProjectState, answers: Answers, reached: Mapping[str, Known]
) -> tuple[str, ...]:
    """The queries whose answer stops; one that was not answered stays as it was."""
    stop = {key for key, each in reached.items() if each.failure}
    return tuple(sorted(stop | {key for key in state.stopped if key in answers} - {*reached}))


def _never_read(due: DueWindows, answers: Answers) -> dict[str, Instant]:
    """The queries that could not be read yet, not even once, alone or with a group's others."""
    failed = [query for query, answer in answers.items() if isinstance(answer, Failure)]
    asked = ((key, due.history(query)) for query, key in _asked(due.project, failed))
    return {key: history for key, history in asked if history is not None}
