"""One check: load, fetch, evaluate, commit, deliver."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Mapping

from headroom.beating import beat
from headroom.channels.delivery import Delivery
from headroom.config.port import Configuration
from headroom.domain.alerts import Told
from headroom.domain.outbox import asked_to_wait, waits
from headroom.domain.readings import Failure
from headroom.domain.rules import Project
from headroom.domain.windows import Instant, Moment, last_closed
from headroom.errors import LostRace, OutOfTime, StateUnavailable
from headroom.fetching import Fetching
from headroom.freshness import outdated, outdates
from headroom.own import OWN, Own
from headroom.plan import Reached, begin, moved, order
from headroom.ports import Ports
from headroom.posting import Sender, post
from headroom.report import Report
from headroom.state.document import Document
from headroom.state.port import Loaded
from headroom.turn import Answers, Entry, judge, worth_storing

LEASE_MARGIN = 60
"""Seconds that a lease outlives the function that holds it."""


async def check(
    ports: Ports, at: Instant, remaining: Callable[[], float], *, dry_run: bool = False
) -> Report:
    """Run the whole pipeline at one instant.

    `remaining` tells the seconds that are left for it. With `dry_run` nothing is written or sent.
    Raises ConfigUnavailable or StateUnavailable when there is nothing to start from.
    """
    began = time.monotonic()
    config, loaded = await asyncio.gather(ports.source.load(), ports.state.load())
    if outdated(config, loaded):
        config = await ports.source.load(fresh=True)
    run = _Check(ports, config, loaded, at, remaining, dry_run=dry_run)
    report = await run.go()
    report.duration_seconds = time.monotonic() - began
    return report


class _Check:
    """One run, from what was loaded to the report."""

    def __init__(
        self,
        ports: Ports,
        config: Configuration,
        loaded: Loaded,
        at: Instant,
        remaining: Callable[[], float],
        *,
        dry_run: bool,
    ) -> None:
        self.ports = ports
        self.config = config
        self.loaded = loaded
        self.moment = Moment(at, last_closed(at, config.settle))
        self.remaining = remaining
        self.dry_run = dry_run
        self.report = Report(at=at, projects=len(config.projects) + len(config.refused))
        self.report.closed = self.moment.closed
        self.report.problems += config.problems()
        self.report.faults = len(config.faults) + bool(config.unread)
        self.own = Own.of(config, loaded.unreadable)
        self.fetching = Fetching(ports.readings, self.moment, remaining)
        self.missed: set[str] = set()
        # What is not reached, or could not be stored, still owes what it owed.
        self.outboxes = {name: each.outbox for name, each in loaded.documents.items()}
        channels = ports.channels(config)
        now = ports.clock()
        self.sender = Sender(
            token=secrets.token_hex(8),
            now=now,
            until=now + math.ceil(remaining()) + LEASE_MARGIN,
            pagers=frozenset(name for name, each in channels.items() if each.pages),
            busy=asked_to_wait(
                (
                    known
                    for each in loaded.documents.values()
                    for known in (each.asked, waits(each.outbox))
                ),
                now,
            ),
        )
        self.delivery = Delivery(
            ports.state,
            ports.dead_letters,
            channels,
            clock=ports.clock,
            remaining=remaining,
            report=self.report,
            fresh=config.fresh,
        )

    async def go(self) -> Report:
        """Every project's turn side by side, then the watermark; sends go on meanwhile."""
        configured = order({**self.config.projects, **self.config.refused}, self.loaded.watermark)
        gone = sorted(self.loaded.documents.keys() - {*configured, OWN})
        kept = self.loaded.documents.keys() | self.loaded.unreadable.keys()
        own = [OWN] if self.own or OWN in kept else []
        broken = await self._turns(dict.fromkeys([*configured, *gone, *own]))
        # A slip of ours on one project: it is told like a project that cannot be read.
        again = {
            name: Failure("bug", f"Headroom broke on it: {type(error).__name__}")
            for name, error in broken.items()
        }
        self.missed.update(await self._turns(again))
        self.report.bugs += broken.values()
        moved_on = await self._move(configured)
        self.report.bugs += await self.delivery.finish()
        self.report.owe(self.outboxes, self.delivery.settled, self.sender.now)
        whole = not (self.missed or self.report.bugs)
        complete = whole and moved_on and self.delivery.recorded
        if complete and configured and not self.dry_run:  # without projects nothing is watched
            await beat(self.ports.heartbeat, self.config.heartbeat, self.remaining, self.report)
        return self.report

    async def _turns(self, names: Mapping[str, Failure | None]) -> dict[str, BaseException]:
        """Every project's turn, side by side; those that broke unexpectedly, and how."""
        ended = await asyncio.gather(
            *(self._turn(name, broken=failure) for name, failure in names.items()),
            return_exceptions=True,
        )
        pairs = zip(names, ended, strict=True)
        return {name: error for name, error in pairs if isinstance(error, BaseException)}

    async def _turn(self, name: str, *, broken: Failure | None = None) -> None:
        """Fetch, evaluate and commit one project; a lost race is tried once more."""
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
        if not fresh and outdates(stored, entry):
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
        if name == OWN:
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
        begun = begin(name, stored, self.loaded.watermark, self.moment)
        after, told = begun.document, list[Told]()
        if answers is not None:
            after, told = judge(after, entry, answers, self.moment, first=begun.first)
        posted = post(after, told, self.sender)
        kept = worth_storing(stored, posted.document, self.loaded.watermark, self.sender.now)
        if kept is not None and not self.dry_run:
            try:
                await self.ports.state.commit(kept, posted.history)
            except LostRace:
                return False
        if not self.dry_run:
            self.delivery.offer(name, posted.claims)
        self.outboxes[name] = posted.document.outbox
        if posted.deferred:
            waiting = f"{posted.deferred} alerts wait until there is room to tell their change"
            self.report.problems.append(f"{name}: {waiting}")
        self.report.add(entry, answers or {}, posted.told)
        return True

    async def _move(self, configured: list[str]) -> bool:
        """Move the shard's watermark, last of all that is stored; False: it could not be."""
        documents = self.loaded.documents
        following = {name for name in configured if name not in documents or documents[name].quiet}
        seen = self.loaded.watermark.projects if self.loaded.watermark else ()
        # One whose document cannot be read is forgotten: it starts anew once that is mended.
        names = [name for name in configured if name not in self.loaded.unreadable]
        waiting = self.missed & following & set(seen) & set(names)
        fresh = self.config.fresh
        reached = Reached(names, self.missed, waiting=bool(waiting), complete=fresh)
        watermark = moved(self.loaded.watermark, reached, self.moment)
        self.report.checked = len(self.config.projects.keys() - self.missed)
        if watermark is None or self.dry_run:
            return True
        try:
            if not await self.ports.state.move(watermark):
                self.report.problems.append("another check moved the watermark first")
        except StateUnavailable as error:
            self.report.problems.append(f"the watermark could not be moved: {error}")
            return False
        return True
