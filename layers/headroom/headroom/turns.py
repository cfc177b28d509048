"""The turns of all projects in one check, side by side: fetch, judge, commit, then send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from headroom.channels.delivery import Delivery
from headroom.config.configuration import Configuration
from headroom.domain.alerts import Told
from headroom.domain.causes import Cause
from headroom.domain.outbox import Outbox
from headroom.domain.readings import Failure
from headroom.domain.rules import Project
from headroom.domain.undeliverable import accepting
from headroom.domain.windows import Moment
from headroom.errors import LostRace, OutOfTime, StateUnavailable
from headroom.fetching import Fetching
from headroom.freshness import outdates
from headroom.own import OURS, Own
from headroom.plan import Begun, begin
from headroom.ports import Ports
from headroom.posting import Posted, Sender, post
from headroom.report import Report
from headroom.sharing import Sharing
from headroom.state.document import Document
from headroom.state.port import Loaded
from headroom.turn import Answers, Entry, judge, late, worth_storing

TRIES = 4
"""Writes of a project that is judged twice, while what it told first is being sent."""


@dataclass(slots=True, kw_only=True)
class Turns:
    """What every turn needs, and what came of them."""

    ports: Ports
    config: Configuration
    loaded: Loaded
    own: Own
    moment: Moment
    fetching: Fetching
    sender: Sender
    delivery: Delivery
    report: Report
    sharing: Sharing
    dry_run: bool
    missed: set[str] = field(default_factory=set)
    """Projects that were not judged, or whose outcome could not be stored."""
    outboxes: dict[str, Outbox] = field(default_factory=dict)
    """What each project owes after its turn."""

    async def take(self, configured: Sequence[str]) -> None:
        """All of them: the projects in this order, those that are configured no more, our own.

        Ours comes last: by then it is known what several projects have in common.
        """
        documents = self.loaded.documents
        gone = sorted(documents.keys() - {*configured, *OURS})
        broken = await self._all(dict.fromkeys([*configured, *gone]))
        # A slip of ours on one project: it is told like a project that cannot be read.
        again = {
            name: Failure("bug", f"Headroom broke on it: {type(error).__name__}")
            for name, error in broken.items()
        }
        self.missed.update(await self._all(again))
        self.own = self.sharing.own(self.own, self.config, self.outboxes)
        ours = OURS & {*documents, *self.loaded.unreadable}
        if self.own or ours:
            broken |= await self._all(dict.fromkeys(sorted({*ours, self.own.document})))
            self.missed.update(broken.keys() & OURS)
        self.report.bugs += broken.values()

    async def remember(self, accepted: AbstractSet[str]) -> None:
        """Note in our own document which channels accept notices again: their alert ends by it."""
        if self.dry_run or not accepted & self.sharing.refusing:
            return
        try:
            own = await self.ports.state.read(self.own.document)
            if own is None:
                return
            lost = accepting(own.lost, accepted, self.moment.now)
            if lost != own.lost:
                await self.ports.state.commit(replace(own, lost=lost))
        except LostRace:
            pass  # the next notice that it accepts says so too
        except StateUnavailable as error:
            self.report.problems.append(f"{self.own.document}: {error}")

    async def _all(self, names: Mapping[str, Failure | None]) -> dict[str, BaseException]:
        """Every project's turn, side by side; those that broke unexpectedly, and how."""
        self.sharing.expect(names)
        ended = await asyncio.gather(
            *(self._turn(name, broken=failure) for name, failure in names.items()),
            return_exceptions=True,
        )
        pairs = zip(names, ended, strict=True)
        return {name: error for name, error in pairs if isinstance(error, BaseException)}

    async def _turn(self, name: str, *, broken: Failure | None = None) -> None:
        """Fetch, evaluate and commit one project, and let those go on that wait for its answers."""
        try:
            await self._take_turn(name, broken)
        finally:
            self.sharing.through(name)

    async def _take_turn(self, name: str, broken: Failure | None) -> None:
        """Do it; a lost race is tried once more."""
        if name in self.loaded.unreadable:
            self.report.unreachable[name] = self.loaded.unreadable[name]
            self.missed.add(name)
            return
        entry = self._entry(name)
        stored = self.loaded.documents.get(name)
        try:
            for fresh in (self.config.fresh, False):
                answers = await self._answers(name, entry, stored, broken, fresh=fresh)
                if await self._commit(name, entry, stored, answers):
                    self.missed.update((name,) if answers is None else ())
                    return
                stored = await self.ports.state.read(name)
        except StateUnavailable as error:
            self._unread(name, str(error))
        else:
            self.report.problems.append(f"{name}: lost the race for its document twice")
        self.missed.add(name)

    async def _answers(
        self,
        name: str,
        entry: Entry,
        stored: Document | None,
        broken: Failure | None,
        *,
        fresh: bool,
    ) -> Answers | None:
        """What there is to judge a project by; None: it cannot be judged by this check.

        Its configuration may be out of date, or the time ran out. What it owes is sent anyway.
        """
        if not fresh and outdates(stored, entry, unread=self.config.unread):
            if self.config.unread:
                self._unread(name, "its configuration could not be read anew")
            return None
        if not isinstance(entry, Project):
            return {}
        begun = begin(name, stored, self.loaded.watermark, self.moment)
        try:
            return await self.fetching.answers(entry, begun, broken)
        except OutOfTime:
            self._unread(name, "not reached, the check's time ran out")
            return None

    def _unread(self, name: str, why: str) -> None:
        """Nobody looks at this project's readings: an alarm counts how long."""
        self.report.problems.append(f"{name}: {why}")
        self.report.unreachable.setdefault(name, why)

    def _entry(self, name: str) -> Entry:
        if name in OURS:
            return self.own
        return self.config.projects.get(name) or self.config.refused.get(name)

    async def _commit(
        self,
        name: str,
        entry: Entry,
        stored: Document | None,
        answers: Answers | None,
    ) -> bool:
        """Judge, if there is something to judge by, and store; False: lost the race."""
        begun = self._begin(name, stored)
        shared: frozenset[Cause] | None = frozenset()
        try:
            if answers is None:
                self.sharing.through(name)
            else:
                shared = self.sharing.causes(entry, begun.document, answers)
            if shared is None:
                begun, posted = await self._judge_twice(name, entry, stored, answers or {})
            else:
                after, told = begun.document, list[Told]()
                if answers is not None:
                    after, told = self._judge(begun, entry, answers, shared)
                posted = await self._store(name, stored, after, told)
        except LostRace:
            return False
        if answers is not None and not late(begun.document, self.moment, first=begun.first):
            self.sharing.judged(entry, posted.document, answers)
        incidents, stopped = posted.document.incidents.values(), posted.document.stopped
        self.report.add(entry, answers or {}, posted.told, incidents, stopped)
        return True

    async def _judge_twice(
        self, name: str, entry: Entry, stored: Document | None, answers: Answers
    ) -> tuple[Begun, Posted]:
        """Store and send at once what does not wait for the others' answers, and then the rest.

        That costs a project which has such news a second write, and a read. Records of what was
        sent meanwhile change its document: then it is judged again, but PolyAI is not asked again.
        Raises LostRace.
        """
        after, told = self._judge(self._begin(name, stored), entry, answers, None)
        ahead = bool(told) and not self.dry_run
        if ahead:
            self.report.told += (await self._store(name, stored, after, told)).told
        shared = await self.sharing.all_causes()
        for left in reversed(range(TRIES)):
            try:
                stored = await self.ports.state.read(name) if ahead else stored
                begun = self._begin(name, stored)
                after, told = self._judge(begun, entry, answers, shared)
                return begun, await self._store(name, stored, after, told)
            except LostRace:
                if not (ahead and left):
                    raise
        raise AssertionError("unreachable")

    def _begin(self, name: str, stored: Document | None) -> Begun:
        return begin(name, stored, self.loaded.watermark, self.moment)

    def _judge(
        self, begun: Begun, entry: Entry, answers: Answers, shared: frozenset[Cause] | None
    ) -> tuple[Document, list[Told]]:
        first = begun.first
        return judge(begun.document, entry, answers, self.moment, first=first, shared=shared)

    async def _store(
        self, name: str, stored: Document | None, after: Document, told: Sequence[Told]
    ) -> Posted:
        """Store what is worth it and offer what may be sent. Raises LostRace."""
        posted = post(after, told, self.sender)
        kept = worth_storing(stored, posted.document, self.loaded.watermark, self.sender.now)
        if not self.dry_run:
            if kept is not None:
                await self.ports.state.commit(kept, posted.history)
            self.delivery.offer(name, posted.claims)
        self.outboxes[name] = posted.document.outbox
        return posted
