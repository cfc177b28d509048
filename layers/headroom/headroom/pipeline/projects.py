"""Takes every project through one check, side by side: fetch, judge, commit, then send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from headroom.delivery.decisions import Decision
from headroom.delivery.enqueue import Enqueued, enqueue
from headroom.domain.alerts import RoutedNotice
from headroom.domain.baselines import Baselines
from headroom.domain.causes import Cause
from headroom.domain.outbox import Outbox
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answers, Failure, FailureCode
from headroom.domain.reasons import Reason
from headroom.domain.rules import InvalidProject, Project
from headroom.domain.self_monitoring import OWN_DOCUMENTS
from headroom.domain.transition import Entry, judge, late, worth_storing
from headroom.domain.watermark import begin
from headroom.errors import LostRace, StateUnavailable
from headroom.pipeline.context import CheckContext
from headroom.pipeline.outcomes import ProjectOutcome, Seen, joined, outboxes, seen
from headroom.pipeline.shared_queries import share_queries
from headroom.pipeline.staleness import outdates

WRITES = 4
"""Attempts to store a project that is judged twice, while its first notices are being sent."""


async def check_projects(context: CheckContext, configured: Sequence[str]) -> list[ProjectOutcome]:
    """Check all projects in this order, then those that were removed from the configuration.

    A project whose check a bug in Headroom broke is reported like one that cannot be read.
    """
    share_queries(context, configured)
    gone = sorted(context.loaded.documents.keys() - {*configured, *OWN_DOCUMENTS})
    outcomes = await _all(context, dict.fromkeys([*configured, *gone]))
    broken = {each.name: each.bug for each in outcomes if each.bug}
    again = {
        name: Failure(FailureCode.BUG, f"Headroom broke on it: {type(error).__name__}")
        for name, error in broken.items()
    }
    retried = {each.name: each for each in await _all(context, again)}
    return [joined(each, retried[each.name]) if each.name in retried else each for each in outcomes]


async def check_headroom(
    context: CheckContext, outcomes: Sequence[ProjectOutcome]
) -> list[ProjectOutcome]:
    """Check Headroom itself, once the causes that projects share are known."""
    pending = outboxes(context.loaded.documents, outcomes)
    own = context.shared.with_shared(context.own_problems, context.config, pending)
    ours = OWN_DOCUMENTS & {*context.loaded.documents, *context.loaded.unreadable}
    if not (own or ours):
        return []
    names = dict.fromkeys(sorted({*ours, own.document}))
    return await _all(context, names, own)


async def _all(
    context: CheckContext, names: Mapping[str, Failure | None], entry: Entry = None
) -> list[ProjectOutcome]:
    """Check these side by side, each with the bug that broke its first try, if any."""
    context.shared.expect(names)
    known: dict[str, Project | InvalidProject] = {
        **context.config.invalid,
        **context.config.projects,
    }
    entries = [known.get(name) if entry is None else entry for name in names]
    checks = (
        check_project(context, name, each, broken)
        for (name, broken), each in zip(names.items(), entries, strict=True)
    )
    return await asyncio.gather(*checks)


async def check_project(
    context: CheckContext, name: str, entry: Entry, broken: Failure | None = None
) -> ProjectOutcome:
    """Take one project through the check: fetch, judge, commit, and offer what may be sent.

    With `broken`, the bug that broke the first try, PolyAI is not asked. After a lost race it is
    tried once more, with the state as it is then.
    """
    try:
        return await _ProjectCheck(context, name, entry, broken).run()
    finally:
        context.shared.stop_waiting_for(name)  # also after a bug


@dataclass(frozen=True, slots=True)
class _NotJudged:
    """Why this check cannot judge a project; its pending notices are sent all the same."""

    problem: str = ""
    """Empty when the next check will have a newer configuration."""


class _Before(NamedTuple):
    """Where a project stands before it is judged."""

    stored: ProjectState | None
    """The document as it was read."""
    state: ProjectState
    """The state that is judged from: it follows the shard's watermark where it may."""


@dataclass(slots=True)
class _ProjectCheck:
    """The check of one project, with what it has stored and offered so far."""

    context: CheckContext
    name: str
    entry: Entry
    broken: Failure | None
    notices: list[RoutedNotice] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    outbox: Outbox = field(default_factory=dict)

    async def run(self) -> ProjectOutcome:
        """Check the project, and once more after a lost race; a bug breaks this project alone."""
        try:
            return await self._run()
        except Exception as bug:  # noqa: BLE001 (not swallowed: the report ends with it)
            return replace(self._unfinished(), bug=bug)

    async def _run(self) -> ProjectOutcome:
        if why := self.context.loaded.unreadable.get(self.name):
            return replace(self._unfinished(), unreachable=Reason(why))
        stored = self.context.loaded.documents.get(self.name)
        self.outbox = stored.outbox if stored else {}
        may_be_outdated = not self.context.config.fresh
        before = self._before(stored)
        try:
            for _ in range(2):
                try:
                    return await self._try(before, may_be_outdated=may_be_outdated)
                except LostRace:
                    before, may_be_outdated = await self._read(), True
        except StateUnavailable as error:
            return self._unfinished(str(error), unreachable=True)
        return self._unfinished("lost the race for its document twice")

    async def _try(self, before: _Before, *, may_be_outdated: bool) -> ProjectOutcome:
        """Fetch, judge and commit. Raises LostRace, StateUnavailable."""
        answers = await self._answers(before, may_be_outdated=may_be_outdated)
        if isinstance(answers, _NotJudged):
            self.context.shared.stop_waiting_for(self.name)
            enqueued = await self._store(before.stored, before.state, [])
            unfinished = self._unfinished(answers.problem, unreachable=bool(answers.problem))
            return replace(unfinished, state=enqueued.state, seen=self._seen(enqueued.state, {}))
        shared = self.context.shared.causes(self.entry, before.state, answers)
        if shared is None:
            before, enqueued = await self._judge_twice(before, answers)
        else:
            enqueued = await self._judge_and_store(before, answers, shared)
        if not late(before.state, self.context.moment):
            self.context.shared.judged(self.entry, enqueued.state, answers)
        return self._done(enqueued.state, answers)

    async def _answers(self, before: _Before, *, may_be_outdated: bool) -> Answers | _NotJudged:
        """The answers to judge the project by, or why there are none."""
        unread = self.context.config.unread
        if may_be_outdated and outdates(before.stored, self.entry, unread=unread):
            return _NotJudged("its configuration could not be read again" if unread else "")
        if not isinstance(self.entry, Project):
            return {}
        answers = await self.context.fetch.answers(self.entry, before.state, self.broken)
        return _NotJudged("not reached, the check's time ran out") if answers is None else answers

    async def _judge_twice(self, before: _Before, answers: Answers) -> tuple[_Before, Enqueued]:
        """Judge without the shared causes and store the notices; then judge again with them.

        So its other notices need not wait for the answers of all projects, at the price of a second
        read and write. Sends that are recorded meanwhile change the document: then it is judged
        again, with the same answers. Raises LostRace.
        """
        after, notices = self._judged(before.state, answers, None)
        if notices:
            await self._store(before.stored, after, notices)
        shared = await self.context.shared.all_causes()
        if not notices:
            return before, await self._judge_and_store(before, answers, shared)
        for _ in range(WRITES - 1):
            with suppress(LostRace):
                before = await self._read()
                return before, await self._judge_and_store(before, answers, shared)
        before = await self._read()
        return before, await self._judge_and_store(before, answers, shared)

    async def _judge_and_store(
        self, before: _Before, answers: Answers, shared: frozenset[Cause]
    ) -> Enqueued:
        after, notices = self._judged(before.state, answers, shared)
        return await self._store(before.stored, after, notices)

    def _judged(
        self, state: ProjectState, answers: Answers, shared: frozenset[Cause] | None
    ) -> tuple[ProjectState, list[RoutedNotice]]:
        moment, capacity = self.context.moment, self.context.ports.capacity
        return judge(
            state,
            self.entry,
            answers,
            moment,
            capacity,
            shared=shared,
            baselines=self._baselines,
        )

    @property
    def _baselines(self) -> Baselines:
        return self.context.baselines.of(self.name)

    def _before(self, stored: ProjectState | None) -> _Before:
        mark, moment = self.context.loaded.watermark, self.context.moment
        return _Before(stored, begin(self.name, stored, mark, moment))

    async def _read(self) -> _Before:
        return self._before(await self.context.ports.state.read(self.name))

    async def _store(
        self, stored: ProjectState | None, after: ProjectState, notices: Sequence[RoutedNotice]
    ) -> Enqueued:
        """Store the state if it is worth storing, and offer what may be sent. Raises LostRace."""
        context = self.context
        enqueued = enqueue(after, notices, context.lease, context.ports.capacity)
        mark, now = context.loaded.watermark, context.lease.now
        kept = worth_storing(stored, enqueued.state, mark, now)
        if kept is not None:
            await context.ports.state.commit(kept, enqueued.history)
        context.sender.offer(enqueued.claims)
        self.notices += enqueued.notices
        self.decisions += enqueued.decisions
        self.outbox = enqueued.state.outbox
        return enqueued

    def _done(self, state: ProjectState, answers: Answers) -> ProjectOutcome:
        return replace(
            self._unfinished(), unfinished=False, state=state, seen=self._seen(state, answers)
        )

    def _seen(self, state: ProjectState, answers: Answers) -> Seen | None:
        if not isinstance(self.entry, Project):
            return None
        return seen(self.entry, answers, self.context.moment, state.stopped, self._baselines)

    def _unfinished(self, problem: str = "", *, unreachable: bool = False) -> ProjectOutcome:
        return ProjectOutcome(
            name=self.name,
            entry=self.entry,
            unfinished=True,
            notices=tuple(self.notices),
            decisions=tuple(self.decisions),
            outbox=self.outbox,
            unreachable=Reason(problem) if unreachable else None,
            problem=problem,
        )
