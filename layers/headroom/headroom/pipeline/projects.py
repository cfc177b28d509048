"""Takes every project through one check, side by side: fetch, judge, commit, then send."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from headroom.delivery.decisions import Decision
from headroom.delivery.enqueue import Enqueued
from headroom.delivery.enqueue import enqueue
from headroom.domain.alerts import RoutedNotice
from headroom.domain.causes import Cause
from headroom.domain.notices import Reason
from headroom.domain.outbox import Outbox
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Failure
from headroom.domain.readings import FailureCode
from headroom.domain.rules import Project
from headroom.domain.rules import Refused
from headroom.domain.self_monitoring import OWN_DOCUMENTS
from headroom.domain.transition import Answers
from headroom.domain.transition import Entry
from headroom.domain.transition import judge
from headroom.domain.transition import late
from headroom.domain.transition import worth_storing
from headroom.domain.watermark import begin
from headroom.errors import LostRace
from headroom.errors import StateUnavailable
from headroom.pipeline.context import CheckContext
from headroom.pipeline.outcomes import ProjectOutcome
from headroom.pipeline.outcomes import Seen
from headroom.pipeline.outcomes import outboxes
from headroom.pipeline.outcomes import seen
from headroom.pipeline.staleness import outdates
import asyncio


WRITES = 4
"""Attempts to store a project that is judged twice, while its first notices are being sent."""


async def check_projects(context: CheckContext, configured: Sequence[str]) -> list[ProjectOutcome]:
    """Check all projects in this order, then those that were removed from the configuration.

    A project whose check a bug in Headroom broke is reported like one that cannot be read.
    """
    gone = sorted(context.loaded.documents.keys() - {*configured, *OWN_DOCUMENTS})
    outcomes = await _all(context, dict.fromkeys([*configured, *gone]))
    broken = {each.name: each.bug for each in outcomes if each.bug}
    again = {
        name: Failure(FailureCode.BUG, f"Headroom broke on it: {type(error).__name__}")
        for name, error in broken.items()
    }
    retried = {each.name: each for each in await _all(context, again)}
    return [
        replace(retried[each.name], bug=each.bug) if each.name in retried else each
        for each in outcomes
    ]


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
    known: dict[str, Project | Refused] = {**context.config.refused, **context.config.projects}
    entries = [known.get(name) if entry is None else entry for name in names]
    ended = await asyncio.gather(
        *(
            check_project(context, name, each, broken)
            for (name, broken), each in zip(names.items(), entries, strict=True)
        ),
        return_exceptions=True,
    )
    return [
        _broken(context, name, each, done) if isinstance(done, BaseException) else done
        for name, each, done in zip(names, entries, ended, strict=True)
    ]


def _broken(context: CheckContext, name: str, entry: Entry, bug: BaseException) -> ProjectOutcome:
    stored = context.loaded.documents.get(name)
    outbox = stored.outbox if stored else {}
    return ProjectOutcome(name=name, entry=entry, missed=True, outbox=outbox, bug=bug)


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
        """Check the project, and once more after a lost race."""
        if why := self.context.loaded.unreadable.get(self.name):
            return replace(self._missed(), unreachable=Reason(why))
        stored = self.context.loaded.documents.get(self.name)
        self.outbox = stored.outbox if stored else {}
        may_be_outdated = not self.context.config.fresh
        try:
            for _ in range(2):
                try:
                    return await self._try(stored, may_be_outdated=may_be_outdated)
                except LostRace:
                    stored, may_be_outdated = await self._read(), True
        except StateUnavailable as error:
            return self._missed(str(error), unreachable=True)
        return self._missed("lost the race for its document twice")

    async def _try(self, stored: ProjectState | None, *, may_be_outdated: bool) -> ProjectOutcome:
        """Fetch, judge and commit. Raises LostRace, StateUnavailable."""
        answers = await self._answers(stored, may_be_outdated=may_be_outdated)
        if isinstance(answers, _NotJudged):
            self.context.shared.stop_waiting_for(self.name)
            enqueued = await self._store(stored, self._begin(stored), [])
            missed = self._missed(answers.problem, unreachable=bool(answers.problem))
            return replace(missed, state=enqueued.state, seen=self._seen(enqueued.state, {}))
        begun = self._begin(stored)
        shared = self.context.shared.causes(self.entry, begun, answers)
        if shared is None:
            begun, enqueued = await self._judge_twice(stored, answers)
        else:
            begun, enqueued = await self._judge_and_store(stored, answers, shared)
        if not late(begun, self.context.moment):
            self.context.shared.judged(self.entry, enqueued.state, answers)
        return self._done(enqueued.state, answers)

    async def _answers(
        self, stored: ProjectState | None, *, may_be_outdated: bool
    ) -> Answers | _NotJudged:
        """The answers to judge the project by, or why there are none."""
        unread = self.context.config.unread
        if may_be_outdated and outdates(stored, self.entry, unread=unread):
            return _NotJudged("its configuration could not be read again" if unread else "")
        if not isinstance(self.entry, Project):
            return {}
        begun = self._begin(stored)
        answers = await self.context.fetch.answers(self.entry, begun, self.broken)
        return _NotJudged("not reached, the check's time ran out") if answers is None else answers

    async def _judge_twice(
        self, stored: ProjectState | None, answers: Answers
    ) -> tuple[ProjectState, Enqueued]:
        """Judge without the shared causes and store the notices; then judge again with them.

        So its other notices need not wait for the answers of all projects, at the price of a second
        read and write. Sends that are recorded meanwhile change the document: then it is judged
        again, with the same answers. Raises LostRace.
        """
        after, notices = self._judged(self._begin(stored), answers, None)
        if notices:
            await self._store(stored, after, notices)
        shared = await self.context.shared.all_causes()
        if not notices:
            return await self._judge_and_store(stored, answers, shared)
        for _ in range(WRITES - 1):
            with suppress(LostRace):
                return await self._judge_and_store(await self._read(), answers, shared)
        return await self._judge_and_store(await self._read(), answers, shared)

    async def _judge_and_store(
        self, stored: ProjectState | None, answers: Answers, shared: frozenset[Cause]
    ) -> tuple[ProjectState, Enqueued]:
        begun = self._begin(stored)
        after, notices = self._judged(begun, answers, shared)
        return begun, await self._store(stored, after, notices)

    def _judged(
        self, begun: ProjectState, answers: Answers, shared: frozenset[Cause] | None
    ) -> tuple[ProjectState, list[RoutedNotice]]:
        return judge(
            begun,
            self.entry,
            answers,
            self.context.moment,
            self.context.ports.capacity,
            shared=shared,
        )

    def _begin(self, stored: ProjectState | None) -> ProjectState:
        return begin(self.name, stored, self.context.loaded.watermark, self.context.moment)

    async def _read(self) -> ProjectState | None:
        return await self.context.ports.state.read(self.name)

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
        return replace(self._missed(), missed=False, state=state, seen=self._seen(state, answers))

    def _seen(self, state: ProjectState, answers: Answers) -> Seen | None:
        if not isinstance(self.entry, Project):
            return None
        return seen(self.entry, answers, self.context.moment, state.stopped)

    def _missed(self, problem: str = "", *, unreachable: bool = False) -> ProjectOutcome:
        return ProjectOutcome(
            name=self.name,
            entry=self.entry,
            missed=True,
            notices=tuple(self.notices),
            decisions=tuple(self.decisions),
            outbox=self.outbox,
            unreachable=Reason(problem) if unreachable else None,
            problem=problem,
        )
