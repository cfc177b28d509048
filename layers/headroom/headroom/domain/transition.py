"""Judges one project: its state before a check -> its state after it, and the notices.

Pure, like evaluation; `pipeline/projects.py` reads, writes and sends around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.baselines import NO_BASELINES, Baselines
from headroom.domain.builtin_alerts import BuiltInAlert, current_notices, update
from headroom.domain.causes import Cause, causes_of, causes_since, its_own, possible
from headroom.domain.closing import REMEMBERED, close_all, closings, recent
from headroom.domain.evaluation import evaluate
from headroom.domain.incidents import Incident
from headroom.domain.invalid_config import config_alert
from headroom.domain.lateness import NOT_AWAITED
from headroom.domain.lines import LineFailure
from headroom.domain.outbox import undeliverable
from headroom.domain.overflow import Capacity, admit, overflow_alert, places
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.readings import Answers, Failure
from headroom.domain.rules import InvalidProject, Project
from headroom.domain.self_monitoring import OwnProblems
from headroom.domain.supersede import refresh
from headroom.domain.undeliverable import count_refusals, unsettled
from headroom.domain.unreachable import unreachable_alert
from headroom.domain.watermark import Watermark
from headroom.domain.windows import HOUR, Instant, Moment

Entry = Project | InvalidProject | OwnProblems | None
"""The project of a state as it is configured now, or Headroom itself; None: it was removed."""

QUIET_FOR = 3600
"""Seconds that a quiet state stays, so that a slow check cannot create it again."""


def judge(
    state: ProjectState,
    entry: Entry,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None = (),
    baselines: Baselines = NO_BASELINES,
) -> tuple[ProjectState, list[RoutedNotice]]:
    """Evaluate a project by its configuration of now: valid, invalid, or gone (None).

    A check that comes late, after a newer one has evaluated the project, changes nothing.
    `shared`: causes with an alert of their own, which covers the failures that they explain. None:
    not known yet, so failures are not notified, but all the rest is.
    """
    if late(state, moment):
        return state, []
    if state.closed_by_edit:
        marks = (state.watermark, *state.behind.values())
        state = replace(state, closed_by_edit=recent(state.closed_by_edit, min(marks)))
    after, notices = _judge(
        state, entry, answers, moment, capacity, shared=shared, baselines=baselines
    )
    if edited := closings(notices, moment.now):
        after = replace(after, closed_by_edit=state.closed_by_edit | edited)
    return after, notices


def late(state: ProjectState, moment: Moment) -> bool:
    """Whether a later check has judged the project already."""
    return state.watermark > moment.closed or state.judged_at > moment.now


def _judge(
    state: ProjectState,
    entry: Entry,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None,
    baselines: Baselines,
) -> tuple[ProjectState, list[RoutedNotice]]:
    if entry is None:
        return _remove(state, moment)
    if isinstance(entry, OwnProblems):
        return _monitor_itself(state, entry, moment)
    if isinstance(entry, InvalidProject):
        return _keep(state, entry, moment)
    return _evaluate(state, entry, answers, moment, capacity, shared=shared, baselines=baselines)


def _evaluate(
    state: ProjectState,
    project: Project,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None,
    baselines: Baselines,
) -> tuple[ProjectState, list[RoutedNotice]]:
    done = evaluate(project, state, answers, moment, baselines)
    incidents = dict(done.state.incidents)
    failing = bool(done.failures)
    since = moment.now if state.unread_since is None else state.unread_since
    causes = causes_since(done.failures, state.causes, state.unread_since, moment.now)
    blind = _unreachable(project, done.failures, state, causes, moment.now, shared)
    if done.silent and not failing:
        blind = replace(blind, reason=NOT_AWAITED)
    listed, unlisted = admit(done.notices, incidents, places(state, capacity), capacity)
    more = overflow_alert(project, unlisted, moment.now)
    config = config_alert(project, incidents, moment.now)
    notices = [
        *listed,
        *update(config, incidents, moment.now),
        *update(blind, incidents, moment.now, failing=failing),
        *update(more, incidents, moment.now, failing=failing),
    ]
    current = {**done.current, **current_notices((config, blind, more), incidents, moment.now)}
    after = replace(
        done.state,
        failing_since=since if failing else None,
        not_asked=False,
        causes=causes,
        waiting=_waiting(answers),
        incidents=incidents,
        outbox=refresh(state.outbox, current, moment.now),
        config_version=project.version,
    )
    return after, notices


def _unreachable(
    project: Project,
    failures: Sequence[LineFailure],
    state: ProjectState,
    causes: Mapping[Cause, Instant],
    now: Instant,
    shared: Collection[Cause] | None,
) -> BuiltInAlert:
    """The project's own alert: for all its failures once it fires, before only for its own causes.

    Its age counts from then: while the alert of a shared cause covered the project, the failure was
    not the project's alone.
    """
    whole = unreachable_alert(project, failures, state.unread_since, now)
    fires = state.incidents.get(whole.alert_id)
    if fires:
        return unreachable_alert(project, failures, fires.episode.window, now)
    if shared is None:
        return replace(whole, severity=None)
    mine = its_own(failures, shared)
    if not possible(project) & frozenset(shared):
        return unreachable_alert(project, mine, state.unread_since, now)
    known = (causes[each] for each in causes_of(mine))
    return unreachable_alert(project, mine, min(known, default=now), now)


def _waiting(answers: Answers) -> dict[str, Failure]:
    """The queries that PolyAI asked us to wait with."""
    failures = {key: each for key, each in answers.items() if isinstance(each, Failure)}
    return {key: each for key, each in failures.items() if each.until is not None}


def _keep(
    state: ProjectState, invalid: InvalidProject, moment: Moment
) -> tuple[ProjectState, list[RoutedNotice]]:
    """Keep the state of a project with an invalid configuration, and notify it once.

    A shared cause is notified by itself. What fires goes on firing. The state is not quiet until
    the project can be read, or the shard's watermark would pass its windows.
    """
    incidents = dict(state.incidents)
    alert = config_alert(invalid, incidents, moment.now)
    notices = update(alert, incidents, moment.now, failing=True)
    outbox = refresh(state.outbox, current_notices([alert], incidents, moment.now), moment.now)
    after = replace(state, judged_at=moment.now, incidents=incidents, outbox=outbox)
    if invalid.shared and state.failing_since is None:
        after = replace(after, failing_since=moment.now, not_asked=True)
    return replace(after, config_version=invalid.version), notices


def _monitor_itself(
    state: ProjectState, own: OwnProblems, moment: Moment
) -> tuple[ProjectState, list[RoutedNotice]]:
    incidents = dict(state.incidents)
    in_force = state.project == own.document  # else the other document takes what begins
    given_up = [*(own.given_up if in_force else ()), *undeliverable(state.outbox)]
    found = count_refusals(state.refusals, given_up, moment.now)
    firing = [*own.firing(incidents, found, moment.now)]
    notices = own.end(firing, incidents, found, moment.now)
    notices += own.begin(firing, incidents, moment.now) if in_force else []
    outbox = refresh(state.outbox, current_notices(firing, incidents, moment.now), moment.now)
    after = replace(state, watermark=moment.closed, incidents=incidents, outbox=outbox)
    return replace(after, judged_at=moment.now, refusals=unsettled(found, moment.now)), notices


def _remove(state: ProjectState, moment: Moment) -> tuple[ProjectState, list[RoutedNotice]]:
    """Close the open incidents of a project that was removed."""
    incidents: dict[str, Incident] = dict(state.incidents)
    notices = list(close_all(incidents, moment.now))
    after = replace(state, incidents=incidents, behind={}, never_read={}, failing_since=None)
    after = replace(after, stopped=(), may_fire_from={}, waiting={}, causes={})
    return replace(after, judged_at=moment.now, config_version=REMOVED), notices


def worth_storing(
    stored: ProjectState | None, after: ProjectState, mark: Watermark | None, now: Instant
) -> ProjectState | None:
    """The state to write, if any: only trouble is stored.

    A quiet state stays, empty. It gets an hour to live once the shard's watermark has passed it and
    no window of a notified incident can be judged again, or longer where an incident that an edit
    closed could fire again.
    """
    if not after.quiet:
        same = stored is not None and replace(after, judged_at=stored.judged_at) == stored
        return None if same else after
    if stored is None:
        return None
    if not stored.quiet or after.config_version != stored.config_version:
        return replace(after, expires_at=None)
    rejudged = (window + HOUR for window in stored.may_fire_from.values())
    needed = max((stored.watermark, *stored.closed_by_edit.values(), *rejudged))
    passed = mark is not None and mark.window >= needed
    if not passed or stored.expires_at:
        return None
    kept = (at + REMEMBERED for at in stored.closed_by_edit.values())
    return replace(stored, expires_at=max((now + QUIET_FOR, *kept, *stored.back_offs.values())))
