"""Sends what this check holds leases for, channel beside channel.

Nothing sleeps here: a notice that fails waits for a later check, longer each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from headroom.delivery.channel_queue import ChannelQueue
from headroom.delivery.recorder import PUT_SECONDS, Recorder, side_by_side
from headroom.delivery.sent import Sent
from headroom.domain.claims import Claim
from headroom.domain.delivery_failures import DeliveryFailure, FailureCause
from headroom.domain.digest import Digest
from headroom.errors import StateUnavailable
from headroom.ports import Channel, Chat, Deadline

MORE_SECONDS = 0.02
"""For each further record of the same message, several side by side."""

MISSING = DeliveryFailure(
    FailureCause.NOT_CONFIGURED, "no such channel is configured", retryable=False
)
UNREAD = DeliveryFailure(
    FailureCause.NOT_CONFIGURED,
    "no such channel is known yet: the configuration was not read anew",
    retryable=True,
    channel_at_fault=True,
)
"""In its place while the listing may be older than the channel."""


class Sender:
    """The sending side of one check; `offer` as states are committed, then `finish`."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        recorder: Recorder,
        *,
        deadline: Deadline,
        fresh: bool,
    ) -> None:
        """Take the channels by name; `fresh`: they were read just now, and not from the cache."""
        self._channels = channels
        self._recorder = recorder
        self._sent = recorder.sent
        self._deadline = deadline
        self._unknown = MISSING if fresh else UNREAD
        self._queues: dict[str, ChannelQueue] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._all_offered = False

    def offer(self, claims: Iterable[Claim]) -> None:
        """Send these, each channel in the given order for each alert."""
        for claim in claims:
            queue = self._queues.get(claim.channel) or self._open(claim.channel)
            queue.waiting.add([claim])
            queue.changed.set()

    async def finish(self) -> Sent:
        """Wait until every channel is through."""
        self._all_offered = True
        for queue in self._queues.values():
            queue.changed.set()
        ended = await asyncio.gather(*self._workers, return_exceptions=True)
        self._sent.bugs += [each for each in ended if isinstance(each, BaseException)]
        return self._sent

    def _open(self, name: str) -> ChannelQueue:
        queue = self._queues[name] = ChannelQueue(name, self._channels.get(name))
        self._workers.append(asyncio.create_task(self._work(queue)))
        return queue

    async def _work(self, queue: ChannelQueue) -> None:
        """Send one channel's notices until all were offered and none is left."""
        while True:
            queue.changed.clear()
            while not queue.stopped and (claims := queue.next(all_offered=self._all_offered)):
                await self._send(queue, claims)
            if queue.stopped or self._all_offered:
                # Others may be offered while these are handed back, the last of all among them.
                while lanes := queue.waiting.take_lanes():
                    await self._recorder.release(lanes)
            if self._all_offered:
                return
            await queue.changed.wait()

    async def _send(self, queue: ChannelQueue, claims: Sequence[Claim]) -> None:
        """Try one message, for one notice or for many."""
        claims, left = self._in_time(queue, claims)
        if left:
            await self._recorder.release([left])
        if not claims:
            queue.stopped = True
            return
        if claims[0].delivery.given_up:
            await self._each(queue, claims, self._recorder.put_again)
            return
        error = await self._outcome(queue, claims)
        if error is None:
            queue.took()
            self._sent.accept(claims)
            await self._each(queue, claims, self._recorder.accepted)
        elif len(claims) > 1 and _of_some(error):
            self._sent.problem(claims, f"{error.reason}: sent again in halves")
            await self._send_halves(queue, claims)
        else:
            await self._failed(queue, claims, error)

    async def _send_halves(self, queue: ChannelQueue, claims: Sequence[Claim]) -> None:
        """Find what a refused digest was refused for; the rest is sent without it.

        The second half waits in the queue meanwhile: it is handed back if the queue stops, and so
        is what follows a notice of the same alert that failed.
        """
        first, second = _halves(claims)
        queue.waiting.add(second)
        await self._send(queue, first)
        if queue.stopped or queue.doubted:
            return  # what shows what is at fault comes first
        lanes = dict.fromkeys(each.lane for each in second)
        left = [each for lane in lanes for each in queue.waiting.take_lane(lane)]
        if left:
            await self._send(queue, left)

    def _in_time(
        self, queue: ChannelQueue, claims: Sequence[Claim]
    ) -> tuple[Sequence[Claim], Sequence[Claim]]:
        """Those that there is time to send, record, and hand back the rest, and the others."""
        send = PUT_SECONDS if queue.channel is None else queue.channel.timeout
        record = self._recorder.seconds
        handing_back = MORE_SECONDS * queue.waiting.count
        left = self._deadline.left() - send - record - handing_back
        many = int(left / MORE_SECONDS) + 1 if left >= 0 else 0
        return claims[:many], claims[many:]

    async def _outcome(
        self, queue: ChannelQueue, claims: Sequence[Claim]
    ) -> DeliveryFailure | None:
        if queue.channel is None:
            return self._unknown
        # Gathered, so that a bug in one channel is a failed try like any other.
        sending = _sending(queue.channel, queue.chat, claims)
        (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(outcome, DeliveryFailure) or outcome is None:
            return outcome
        if not isinstance(outcome, Exception):
            raise outcome
        self._sent.bugs.append(outcome)
        broke = f"Headroom's own channel broke: {type(outcome).__name__}"
        return DeliveryFailure(FailureCause.BUG, broke, retryable=True, ambiguous=True)

    async def _failed(
        self, queue: ChannelQueue, claims: Sequence[Claim], error: DeliveryFailure
    ) -> None:
        """Let each notice wait for itself, and the channel where it is the channel's fault."""
        self._sent.fail(claims, error)
        self._sent.problem(claims, error.reason)
        channel_at_fault = error.channel_at_fault or bool(error.retry_after)
        if error.retryable:
            queue.failed(claims, channel_at_fault=channel_at_fault)
        own = queue.works and not channel_at_fault

        async def fail(claim: Claim) -> bool:
            return await self._recorder.tried(claim, error, own=own)

        await self._each(queue, claims, fail)

    async def _each(
        self,
        queue: ChannelQueue,
        claims: Sequence[Claim],
        settle: Callable[[Claim], Awaitable[bool]],
    ) -> None:
        """Record what became of each, alerts side by side; what follows one that waits waits too.

        Once an outcome could not be recorded nothing more is sent there: its order is not known.
        """
        lanes: dict[object, list[Claim]] = {}
        for each in claims:
            lanes.setdefault(each.lane, []).append(each)

        async def settle_lane(lane: Sequence[Claim]) -> None:
            for place, claim in enumerate(lane):
                try:
                    if await settle(claim):
                        continue
                    await self._recorder.release(
                        [lane[place + 1 :], queue.waiting.take_lane(claim.lane)]
                    )
                except StateUnavailable as error:
                    queue.stopped, self._sent.recorded = True, False
                    self._sent.problem([claim], f"the outcome could not be recorded: {error}")
                break

        await side_by_side(settle_lane, lanes.values())


async def _sending(
    channel: Channel, chat: Chat | None, claims: Sequence[Claim]
) -> DeliveryFailure | None:
    if len(claims) == 1 or chat is None:
        return await channel.send(claims[0].notice)
    earlier = {each.notice.id: each.delivery.stands_for for each in claims}
    return await chat.send_digest(Digest(tuple(each.notice for each in claims), earlier))


def _of_some(error: DeliveryFailure) -> bool:
    """Whether a digest surely did not arrive, and its channel might take a part of it."""
    return not (error.channel_at_fault or error.retry_after or error.ambiguous)


def _halves(claims: Sequence[Claim]) -> tuple[Sequence[Claim], Sequence[Claim]]:
    """By alerts; those of a single alert are split after the first, which the others follow."""
    lanes = list(dict.fromkeys(each.lane for each in claims))
    if len(lanes) == 1:
        return claims[:1], claims[1:]
    early = set(lanes[: len(lanes) // 2])
    first = [each for each in claims if each.lane in early]
    return first, [each for each in claims if each.lane not in early]
