"""Sends notices to their channels, in order; each leaves the queue once accepted."""

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
from headroom_cli.redrive.messages import DeadLetter
from headroom_cli.redrive.plan import Obstacle, mark_late, page_obstacle
from headroom_cli.redrive.queue import Queue

TRIES = 3
LONGEST_WAIT = 30.0
"""Seconds; a channel that asks for more is tried in the next run."""
EXPIRED = "sent, but its visibility timeout expired: the next redrive may repeat it, same id"
NOT_TRIED = "not tried: the one before it was not sent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one notice."""

    letter: DeadLetter
    sent: bool = False
    failed: bool = False
    """It should have been sent and was not, or something must be done by hand."""
    why: str = ""
    unavailable: bool = False
    """The channel accepts nothing now: its other notices wait too."""
    obstacle: Obstacle | None = None


class Resender:
    """Sends the notices of one run. `reported` is called with each outcome at once.

    `sleep` waits for `Retry-After`.
    """

    def __init__(
        self,
        queue: Queue,
        state: State,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], Instant],
        sleep: Callable[[float], Awaitable[None]],
        reported: Callable[[Outcome], None],
    ) -> None:
        self._queue = queue
        self._state = state
        self._channels = channels
        self._clock = clock
        self._sleep = sleep
        self._told = reported

    async def obstacles(self, letters: Sequence[DeadLetter]) -> list[Obstacle | None]:
        """Return why each notice is held back, if at all; the table is read once for all.

        Raises StateUnavailable.
        """
        channels = [self._channels.get(each.channel) for each in letters]
        pagers = any(channel and channel.is_pager for channel in channels)
        loaded = await self._state.load() if pagers else Loaded({}, None)
        return [
            _obstacle(each, channel, loaded)
            for each, channel in zip(letters, channels, strict=True)
        ]

    async def send(self, letters: Iterable[DeadLetter]) -> list[Outcome]:
        """Send all of them. Failures are outcomes, not exceptions."""
        by_channel: dict[str, list[DeadLetter]] = {}
        for each in letters:
            by_channel.setdefault(each.channel, []).append(each)
        async with asyncio.TaskGroup() as group:  # waits for all, also when cancelled
            tasks = [group.create_task(self._work(batch)) for batch in by_channel.values()]
        return [outcome for task in tasks for outcome in task.result()]

    async def _work(self, letters: Sequence[DeadLetter]) -> list[Outcome]:
        """Send one channel's notices. One that fails holds back later ones of its alert."""
        done: list[Outcome] = []
        blocked: set[tuple[str, str]] = set()
        for each in letters:
            if done and done[-1].unavailable:
                done.append(Outcome(each, failed=True, why=NOT_TRIED, unavailable=True))
            elif each.lane in blocked:
                done.append(Outcome(each, failed=True, why=NOT_TRIED))
            else:
                done.append(await self._one(each))
            if done[-1].failed and not done[-1].sent:
                blocked.add(each.lane)
            self._told(done[-1])
        return done

    async def _one(self, each: DeadLetter) -> Outcome:
        try:
            (obstacle,) = await self.obstacles([each])
            if obstacle:
                return Outcome(each, why=obstacle, obstacle=obstacle)
            if not await self._claimed(each):
                why = "its visibility timeout expired: run this again"
                return Outcome(each, failed=True, why=why)
            return await self._deliver(each)
        except StateUnavailable as error:
            return Outcome(each, failed=True, why=str(error), unavailable=True)

    async def _claimed(self, each: DeadLetter) -> bool:
        claims = [await asyncio.to_thread(self._queue.claim, copy) for copy in each.copies]
        return all(claims)

    async def _deliver(self, each: DeadLetter) -> Outcome:
        """Send it, again only where the channel asks for a short wait."""
        notice = mark_late(each.notice, self._clock(), over=await self._over(each))
        outcome = await self._whole(each, notice)
        for _ in range(TRIES - 1):
            wait = None if isinstance(outcome, Outcome) else outcome.retry_after
            if wait is None or wait > LONGEST_WAIT:
                break
            await self._sleep(wait)
            outcome = await self._whole(each, notice)
        if isinstance(outcome, Outcome):
            return outcome
        return Outcome(each, failed=True, why=outcome.detail, unavailable=outcome.retryable)

    async def _over(self, each: DeadLetter) -> bool:
        """Whether the incident has ended; chats get the notice all the same."""
        if self._channels[each.channel].is_pager:
            return False
        try:
            return page_obstacle(each.notice, await self._state.load()) is Obstacle.OVER
        except StateUnavailable:
            return False

    async def _whole(self, each: DeadLetter, notice: Notice) -> Outcome | DeliveryFailure:
        """Send and delete from the queue, both or neither: Ctrl-C waits until it is done."""
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

    async def _send(self, each: DeadLetter, notice: Notice) -> Outcome | DeliveryFailure:
        failure = await self._channels[each.channel].send(notice)
        return failure or await self._settle(each)

    async def _settle(self, each: DeadLetter) -> Outcome:
        """Delete the notice from the queue after it was sent."""
        try:
            gone = [await asyncio.to_thread(self._queue.delete, copy) for copy in each.copies]
            if not all(gone):
                return Outcome(each, sent=True, failed=True, why=EXPIRED)
            return await self._ended_meanwhile(each)
        except StateUnavailable as error:
            return Outcome(each, sent=True, failed=True, why=f"sent, but then: {error}")

    async def _ended_meanwhile(self, each: DeadLetter) -> Outcome:
        """Resolve a page whose incident ended during the send; it would stay open.

        Raises StateUnavailable.
        """
        channel = self._channels[each.channel]
        if not channel.is_pager or each.notice.kind.ends:
            return Outcome(each, sent=True)
        if await self.obstacles([each]) != [Obstacle.OVER]:
            return Outcome(each, sent=True)
        if failure := await channel.send(replace(each.notice, kind=Kind.RESOLVED)):
            why = f"its incident ended just now: resolve the page by hand ({failure.detail})"
            return Outcome(each, sent=True, failed=True, why=why)
        why = "its incident ended at the same moment, so the page was resolved"
        return Outcome(each, sent=True, why=why)


def _obstacle(each: DeadLetter, channel: Channel | None, loaded: Loaded) -> Obstacle | None:
    if channel is None:
        return Obstacle.NO_CHANNEL
    return page_obstacle(each.notice, loaded) if channel.is_pager else None
