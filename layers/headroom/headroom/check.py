"""One check: load, fetch, evaluate, commit, deliver."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from headroom.beating import beat
from headroom.channels.delivery import Delivery
from headroom.channels.port import Channel
from headroom.config.configuration import Configuration
from headroom.domain.outbox import asked_to_wait, waits
from headroom.domain.windows import Instant, Moment
from headroom.errors import StateUnavailable
from headroom.fetching import Fetching
from headroom.freshness import outdated
from headroom.own import Own, in_force
from headroom.plan import Reached, moved, order
from headroom.ports import Ports
from headroom.posting import Sender
from headroom.report import Report
from headroom.sharing import Sharing
from headroom.state.port import Loaded
from headroom.turns import Turns

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
        self.moment = Moment.at(at, settle=config.settle, late=config.late)
        self.remaining = remaining
        self.dry_run = dry_run
        self.report = Report.begun(self.moment, config)
        channels = ports.channels(config)
        ours = in_force(loaded.documents, loaded.unreadable)
        sharing = Sharing(loaded, self.moment, ours)
        self.delivery = Delivery(
            ports.state,
            ports.dead_letters,
            channels,
            clock=ports.clock,
            remaining=remaining,
            report=self.report,
            fresh=config.fresh,
        )
        self.turns = Turns(
            ports=ports,
            config=config,
            loaded=loaded,
            own=Own.of(config, loaded.unreadable, ours),
            moment=self.moment,
            fetching=Fetching(ports.readings, self.moment, remaining, ports.clock),
            sender=self._sender(channels, sharing.reported),
            delivery=self.delivery,
            report=self.report,
            sharing=sharing,
            dry_run=dry_run,
            # What is not reached, or could not be stored, still owes what it owed.
            outboxes={name: each.outbox for name, each in loaded.documents.items()},
        )

    def _sender(
        self, channels: Mapping[str, Channel], reported: Collection[tuple[str, str]]
    ) -> Sender:
        now = self.ports.clock()
        documents = self.loaded.documents.values()
        known = (each for one in documents for each in (one.asked, waits(one.outbox)))
        return Sender(
            token=secrets.token_hex(8),
            now=now,
            until=now + math.ceil(self.remaining()) + LEASE_MARGIN,
            pagers=frozenset(name for name, each in channels.items() if each.pages),
            unknown=frozenset(
                name for name, each in self.config.bad_channels.items() if each.pages is None
            ),
            busy=asked_to_wait(known, now),
            reported=reported,
        )

    async def go(self) -> Report:
        """Every project's turn side by side, then the watermark; sends go on meanwhile."""
        configured = order({**self.config.projects, **self.config.refused}, self.loaded.watermark)
        await self.turns.take(configured)
        moved_on = await self._move(configured)
        self.report.bugs += await self.delivery.finish()
        await self.turns.remember(self.delivery.accepted)
        self.report.owe(self.turns.outboxes, self.delivery.settled, self.turns.sender.now)
        whole = not (self.turns.missed or self.report.bugs)
        complete = whole and moved_on and self.delivery.recorded
        if complete and configured and not self.dry_run:  # without projects nothing is watched
            await beat(self.ports.heartbeat, self.config.heartbeat, self.remaining, self.report)
        return self.report

    async def _move(self, configured: list[str]) -> bool:
        """Move the shard's watermark, last of all that is stored; False: it could not be."""
        documents, mark, missed = self.loaded.documents, self.loaded.watermark, self.turns.missed
        # One that only owes may be quiet by the time it is read again.
        following = {
            name
            for name in configured
            if name not in documents or replace(documents[name], outbox={}).quiet
        }
        seen = mark.projects if mark else ()
        # One whose document cannot be read is forgotten: it starts anew once that is mended.
        names = [name for name in configured if name not in self.loaded.unreadable]
        waiting = missed & following & set(seen) & set(names)
        reached = Reached(names, missed, waiting=bool(waiting), complete=self.config.fresh)
        self.report.checked = len(self.config.projects.keys() - missed)
        watermark = moved(mark, reached, self.moment)
        if watermark is None or self.dry_run:
            return True
        try:
            if not await self.ports.state.move(watermark):
                self.report.problems.append("another check moved the watermark first")
        except StateUnavailable as error:
            self.report.problems.append(f"the watermark could not be moved: {error}")
            return False
        return True
