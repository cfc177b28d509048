"""Letters to their channels, channel beside channel, in order; each leaves the queue once taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Kind, Notice
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from headroom.ports import Channel, State
from headroom_cli.redrive.letters import Letter
from headroom_cli.redrive.plan import Obstacle, late, unpaged
from headroom_cli.redrive.queue import Queue

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; who asks for more is left for another time."""
EXPIRED = "sent, but its visibility timeout expired: the next redrive may repeat it, same id"
NOT_TRIED = "not tried, for the one before it stays"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter."""

    letter: Letter
    sent: bool = False
    failed: bool = False
    """It should have been sent, and was not, or something is left to do by hand."""
    why: str = ""
    waits: bool = False
    """The channel takes nothing now: the rest of its letters wait too."""
    obstacle: Obstacle | None = None


class Sending:
    """One redrive. `told` hears of each outcome at once; `sleep` waits as a channel asks for."""

    def __init__(
        self,
        queue: Queue,
        state: State,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], Instant],
        sleep: Callable[[float], Awaitable[None]],
        told: Callable[[Outcome], None],
    ) -> None:
        self._queue = queue
        self._state = state
        self._channels = channels
        self._clock = clock
        self._sleep = sleep
        self._told = told

    async def obstacles(self, letters: Sequence[Letter]) -> list[Obstacle | None]:
        """Why each is not to be sent, as the table says at this moment; it is read once for all.

        Raises StateUnavailable.
        """
        channels = [self._channels.get(each.channel) for each in letters]
        pagers = any(channel and channel.is_pager for channel in channels)
        loaded = await self._state.load() if pagers else Loaded({}, None)
        return [
            _obstacle(each, channel, loaded)
            for each, channel in zip(letters, channels, strict=True)
        ]

    async def send(self, letters: Iterable[Letter]) -> list[Outcome]:
        """Send them all; raises nothing of its own."""
        lines: dict[str, list[Letter]] = {}
        for each in letters:
            lines.setdefault(each.channel, []).append(each)
        async with asyncio.TaskGroup() as group:  # it waits for all, also when it is cancelled
            tasks = [group.create_task(self._work(line)) for line in lines.values()]
        return [outcome for task in tasks for outcome in task.result()]

    async def _work(self, letters: Sequence[Letter]) -> list[Outcome]:
        """One channel's letters; what stays makes later ones of its alert stay with it."""
        done: list[Outcome] = []
        blocked: set[tuple[str, str]] = set()
        for each in letters:
            if done and done[-1].waits:
                done.append(Outcome(each, failed=True, why=NOT_TRIED, waits=True))
            elif each.line in blocked:
                done.append(Outcome(each, failed=True, why=NOT_TRIED))
            else:
                done.append(await self._one(each))
            if done[-1].failed and not done[-1].sent:
                blocked.add(each.line)
            self._told(done[-1])
        return done

    async def _one(self, each: Letter) -> Outcome:
        try:
            (obstacle,) = await self.obstacles([each])
            if obstacle:
                return Outcome(each, why=obstacle, obstacle=obstacle)
            if not await self._claimed(each):
                why = "its visibility timeout expired: run this again"
                return Outcome(each, failed=True, why=why)
            return await self._deliver(each)
        except StateUnavailable as error:
            return Outcome(each, failed=True, why=str(error), waits=True)

    async def _claimed(self, each: Letter) -> bool:
        claims = [await asyncio.to_thread(self._queue.claim, copy) for copy in each.copies]
        return all(claims)

    async def _deliver(self, each: Letter) -> Outcome:
        """Send it, again only where the channel asks for a short wait."""
        notice = late(each.notice, self._clock(), over=await self._over(each))
        outcome = await self._whole(each, notice)
        for _ in range(TRIES - 1):
            wait = None if isinstance(outcome, Outcome) else outcome.retry_after
            if wait is None or wait > LONGEST_WAIT:
                break
            await self._sleep(wait)
            outcome = await self._whole(each, notice)
        if isinstance(outcome, Outcome):
            return outcome
        return Outcome(each, failed=True, why=outcome.reason, waits=outcome.retryable)

    async def _over(self, each: Letter) -> bool:
        """Whether people hear of what is known to be over; they get it all the same."""
        if self._channels[each.channel].is_pager:
            return False
        try:
            return unpaged(each.notice, await self._state.load()) is Obstacle.OVER
        except StateUnavailable:
            return False

    async def _whole(self, each: Letter, notice: Notice) -> Outcome | DeliveryFailure:
        """Send it and take it out of the queue, both or none: Ctrl-C waits until it is done."""
        task = asyncio.create_task(self._send(each, notice))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if not task.cancelled() and not task.exception():
                outcome = task.result()
                if isinstance(outcome, Outcome):
                    self._told(outcome)
            raise

    async def _send(self, each: Letter, notice: Notice) -> Outcome | DeliveryFailure:
        failure = await self._channels[each.channel].send(notice)
        return failure or await self._settle(each)

    async def _settle(self, each: Letter) -> Outcome:
        """Take it out of the queue, now that it is told."""
        try:
            gone = [await asyncio.to_thread(self._queue.delete, copy) for copy in each.copies]
            if not all(gone):
                return Outcome(each, sent=True, failed=True, why=EXPIRED)
            return await self._ended_meanwhile(each)
        except StateUnavailable as error:
            return Outcome(each, sent=True, failed=True, why=f"sent, but afterwards: {error}")

    async def _ended_meanwhile(self, each: Letter) -> Outcome:
        """A page whose incident ended while it was sent would stay open: resolve it.

        Raises StateUnavailable.
        """
        channel = self._channels[each.channel]
        if not channel.is_pager or each.notice.kind.ends:
            return Outcome(each, sent=True)
        if await self.obstacles([each]) != [Obstacle.OVER]:
            return Outcome(each, sent=True)
        if failure := await channel.send(replace(each.notice, kind=Kind.RESOLVED)):
            why = f"its incident ended just now: resolve the page by hand ({failure.reason})"
            return Outcome(each, sent=True, failed=True, why=why)
        why = "its incident ended at the same moment, so the page was resolved again"
        return Outcome(each, sent=True, why=why)


def _obstacle(each: Letter, channel: Channel | None, loaded: Loaded) -> Obstacle | None:
    if channel is None:
        return Obstacle.NO_CHANNEL
    return unpaged(each.notice, loaded) if channel.is_pager else None
