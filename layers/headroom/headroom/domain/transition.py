"""One project's turn in a check: its document before -> its document after, and what was told.

Pure, like evaluation; `turns.py` reads, writes and sends around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.builtin_alerts import BuiltInAlert, config_alert, keep, present
from headroom.domain.causes import Cause, causes_of, causes_since, its_own, possible
from headroom.domain.closing import REMEMBERED, close_all, closings, recent
from headroom.domain.evaluation import evaluate
from headroom.domain.incidents import Incident
from headroom.domain.lateness import NOT_AWAITED
from headroom.domain.outbox import refused
from headroom.domain.overflow import Capacity, admit, overflow, places
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.readings import Answer, Failure
from headroom.domain.rules import Project, Refused
from headroom.domain.self_monitoring import Own
from headroom.domain.supersede import refresh
from headroom.domain.undeliverable import lost, unsettled
from headroom.domain.unreachable import unreachable
from headroom.domain.watermark import Watermark
from headroom.domain.windows import HOUR, Instant, Moment

Answers = Mapping[str, Answer | Failure]

Entry = Project | Refused | Own | None
"""What a document is about: a project as it is configured now, or Headroom itself."""

QUIET_FOR = 3600
"""Seconds that a quiet document stays, so that a slow check cannot create it anew."""


def judge(
    document: ProjectState,
    entry: Entry,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None = (),
) -> tuple[ProjectState, list[RoutedNotice]]:
    """Evaluate a project as it is configured now: good, refused, or not any more (None).

    A check that comes late, after a newer one has evaluated the project, changes nothing.
    `shared`: causes with an alert of their own, which covers the failures that they explain; None:
    not known yet, so that nothing is told of failures, but all the rest.
    """
    if late(document, moment):
        return document, []
    if document.closed:
        marks = (document.watermark, *document.behind.values())
        document = replace(document, closed=recent(document.closed, min(marks)))
    after, told = _judge(document, entry, answers, moment, capacity, shared=shared)
    if edited := closings(told, moment.now):
        after = replace(after, closed=document.closed | edited)
    return after, told


def late(document: ProjectState, moment: Moment) -> bool:
    """Whether a check of a later moment has judged it already."""
    return document.watermark > moment.closed or document.judged_at > moment.now


def _judge(
    document: ProjectState,
    entry: Entry,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None,
) -> tuple[ProjectState, list[RoutedNotice]]:
    if entry is None:
        return _remove(document, moment)
    if isinstance(entry, Own):
        return _look_inward(document, entry, moment)
    if isinstance(entry, Refused):
        return _refuse(document, entry, moment)
    return _evaluate(document, entry, answers, moment, capacity, shared=shared)


def _evaluate(
    document: ProjectState,
    project: Project,
    answers: Answers,
    moment: Moment,
    capacity: Capacity,
    *,
    shared: Collection[Cause] | None,
) -> tuple[ProjectState, list[RoutedNotice]]:
    done = evaluate(project, document, answers, moment)
    incidents = dict(done.state.incidents)
    failing = bool(done.failures)
    since = moment.now if document.unread_since is None else document.unread_since
    causes = causes_since(
        project, done.failures, document.causes, document.unread_since, moment.now
    )
    trouble = _unreachable(project, done.failures, document, causes, moment.now, shared)
    if done.silent and not failing:
        trouble = replace(trouble, reason=NOT_AWAITED)
    listed_told, unlisted = admit(done.told, incidents, places(document, capacity), capacity)
    more = overflow(project, unlisted, moment.now)
    config = config_alert(project, incidents, moment.now)
    told = [
        *listed_told,
        *keep(config, incidents, moment.now),
        *keep(trouble, incidents, moment.now, failing=failing),
        *keep(more, incidents, moment.now, failing=failing),
    ]
    current = {**done.present, **present((config, trouble, more), incidents, moment.now)}
    after = replace(
        done.state,
        failing_since=since if failing else None,
        not_asked=False,
        causes=causes,
        waiting=_waiting(answers),
        incidents=incidents,
        outbox=refresh(document.outbox, current, moment.now),
        config_version=project.version,
    )
    return after, told


def _unreachable(
    project: Project,
    failures: Sequence[Failure],
    document: ProjectState,
    causes: Mapping[Cause, Instant],
    now: Instant,
    shared: Collection[Cause] | None,
) -> BuiltInAlert:
    """The project's own alert: of all its failures once it fires, else of those left to it.

    Its age is its own: while an alert of a shared cause covered the project, it was no failure of
    the project alone.
    """
    whole = unreachable(project, failures, document.unread_since, now)
    fires = document.incidents.get(whole.alert_id)
    if fires:
        return unreachable(project, failures, fires.episode.window, now)
    if shared is None:
        return replace(whole, severity=None)
    mine = its_own(project, failures, shared)
    if not possible(project) & frozenset(shared):
        return unreachable(project, mine, document.unread_since, now)
    known = (causes[each] for each in causes_of(project, mine))
    return unreachable(project, mine, min(known, default=now), now)


def _waiting(answers: Answers) -> dict[str, Failure]:
    """What PolyAI asked to wait with; a query that is answered, or is asked no more, is dropped."""
    failures = {key: each for key, each in answers.items() if isinstance(each, Failure)}
    return {key: each for key, each in failures.items() if each.until is not None}


def _refuse(
    document: ProjectState, refused: Refused, moment: Moment
) -> tuple[ProjectState, list[RoutedNotice]]:
    """Keep everything of a project of which nothing can be judged, and report it once.

    Where the cause is shared, that is reported by itself; what fires goes on firing, and the
    document stays until the project can be read, or the shard would pass its windows.
    """
    incidents = dict(document.incidents)
    trouble = config_alert(refused, incidents, moment.now)
    told = keep(trouble, incidents, moment.now, failing=True)
    outbox = refresh(document.outbox, present([trouble], incidents, moment.now), moment.now)
    after = replace(document, judged_at=moment.now, incidents=incidents, outbox=outbox)
    if refused.shared and document.failing_since is None:
        after = replace(after, failing_since=moment.now, not_asked=True)
    return replace(after, config_version=refused.version), told


def _look_inward(
    document: ProjectState, own: Own, moment: Moment
) -> tuple[ProjectState, list[RoutedNotice]]:
    incidents = dict(document.incidents)
    in_force = document.project == own.document  # else the other one remembers what begins
    lying = [*(own.refused if in_force else ()), *refused(document.outbox)]
    found = lost(document.lost, lying, moment.now)
    wrong = [*own.wrong(incidents, found, moment.now)]
    told = own.end(wrong, incidents, found, moment.now)
    told += own.begin(wrong, incidents, moment.now) if in_force else []
    outbox = refresh(document.outbox, present(wrong, incidents, moment.now), moment.now)
    after = replace(document, watermark=moment.closed, incidents=incidents, outbox=outbox)
    return replace(after, judged_at=moment.now, lost=unsettled(found, moment.now)), told


def _remove(document: ProjectState, moment: Moment) -> tuple[ProjectState, list[RoutedNotice]]:
    """Close what is open of a project that is configured no more."""
    incidents: dict[str, Incident] = dict(document.incidents)
    told = list(close_all(incidents, moment.now))
    after = replace(document, incidents=incidents, behind={}, unread={}, failing_since=None)
    after = replace(after, stopped=(), rearmed={}, waiting={}, causes={})
    return replace(after, judged_at=moment.now, config_version=REMOVED), told


def worth_storing(
    stored: ProjectState | None, after: ProjectState, mark: Watermark | None, now: Instant
) -> ProjectState | None:
    """What has to be written, if anything: only trouble is stored.

    A document that has gone quiet stays, empty; once the shard's watermark has passed its own, and
    no window of an incident that was told is judged again, it gets an hour to live, or as long as
    what an edit closed could fire again.
    """
    if not after.quiet:
        same = stored is not None and replace(after, judged_at=stored.judged_at) == stored
        return None if same else after
    if stored is None:
        return None
    if not stored.quiet or after.config_version != stored.config_version:
        return replace(after, expires_at=None)
    told = (window + HOUR for window in stored.rearmed.values())
    needed = max((stored.watermark, *stored.closed.values(), *told))
    passed = mark is not None and mark.window >= needed
    if not passed or stored.expires_at:
        return None
    kept = (at + REMEMBERED for at in stored.closed.values())
    return replace(stored, expires_at=max((now + QUIET_FOR, *kept, *stored.asked.values())))
