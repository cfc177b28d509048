"""Sends the notices that this check has leased, all channels side by side.

It never sleeps: a notice that fails waits for a later check, longer each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from headroom.delivery.channel_queue import ChannelQueue
from headroom.delivery.recorder import PUT_SECONDS, Recorder
from headroom.delivery.sent import Sent
from headroom.domain.claims import Claim
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.digest import Digest
from headroom.ports import Channel, Chat, Deadline

MORE_SECONDS = 0.02
"""Seconds for each further record of the same message, as several run side by side."""

MISSING = DeliveryFailure(
    FailureReason.NOT_CONFIGURED, "no such channel is configured", retryable=False
)
UNREAD = DeliveryFailure(
    FailureReason.NOT_CONFIGURED,
    "no such channel is known yet: the configuration was not read again",
    retryable=True,
    channel_at_fault=True,
)
"""The same while the configuration in the cache may be older than the channel."""


class Sender:
    """Sends for one check; `offer` claims as states are committed, then `finish`."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        recorder: Recorder,
        *,
        deadline: Deadline,
        fresh: bool,
    ) -> None:
        """Take the channels by name; `fresh`: their configuration is not from the cache."""
        self._channels = channels
        self._recorder = recorder
        self._deadline = deadline
        self._unknown = MISSING if fresh else UNREAD
        self._queues: dict[str, ChannelQueue] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._bugs: list[BaseException] = []
        self._all_offered = False

    def offer(self, claims: Iterable[Claim]) -> None:
        """Send these as soon as possible, in the given order within each lane and channel."""
        for claim in claims:
            queue = self._queues.get(claim.channel) or self._open(claim.channel)
            queue.waiting.add([claim])
            queue.changed.set()

    async def finish(self) -> Sent:
        """Wait until every channel has ended its sends."""
        self._all_offered = True
        for queue in self._queues.values():
            queue.changed.set()
        ended = await asyncio.gather(*self._workers, return_exceptions=True)
        broken = [each for each in ended if isinstance(each, BaseException)]
        return self._recorder.sent(self._bugs + broken)

    def _open(self, name: str) -> ChannelQueue:
        queue = self._queues[name] = ChannelQueue(name, self._channels.get(name))
        self._workers.append(asyncio.create_task(self._work(queue)))
        return queue

    async def _work(self, queue: ChannelQueue) -> None:
        """Send one channel's notices until all have been offered and none is left."""
        while True:
            queue.changed.clear()
            while not queue.stopped and (claims := queue.next(all_offered=self._all_offered)):
                await self._send(queue, claims)
            if queue.stopped or self._all_offered:
                # More may be offered, even the last ones, while these are being released.
                while lanes := queue.waiting.take_lanes():
                    await self._recorder.release(lanes)
            if self._all_offered:
                return
            await queue.changed.wait()

    async def _send(self, queue: ChannelQueue, claims: Sequence[Claim]) -> None:
        """Send one message, for one notice or for many."""
        claims, left = self._in_time(queue, claims)
        if left:
            await self._recorder.release([left])
        if not claims:
            queue.stopped = True
            return
        if claims[0].delivery.given_up:
            queue.stopped = not await self._recorder.put_again(claims, queue.waiting)
            return
        failure = await self._outcome(queue, claims)
        if failure is None:
            queue.accepted()
            queue.stopped = not await self._recorder.accepted(claims, queue.waiting)
        elif len(claims) > 1 and _some_may_be_accepted(failure):
            self._recorder.problem(claims, f"{failure.detail}: sent again in halves")
            await self._send_halves(queue, claims)
        else:
            await self._failed(queue, claims, failure)

    async def _send_halves(self, queue: ChannelQueue, claims: Sequence[Claim]) -> None:
        """Split a refused digest, to find the notice that was refused and send the others.

        The second half waits in the queue meanwhile. If the queue stops it is released, and so is
        every claim that follows a failed one in its lane.
        """
        first, second = _halves(claims)
        queue.waiting.add(second)
        await self._send(queue, first)
        if queue.stopped or queue.doubted:
            return  # first find out whether the channel is at fault
        lanes = dict.fromkeys(each.lane for each in second)
        left = [each for lane in lanes for each in queue.waiting.take_lane(lane)]
        if left:
            await self._send(queue, left)

    def _in_time(
        self, queue: ChannelQueue, claims: Sequence[Claim]
    ) -> tuple[Sequence[Claim], Sequence[Claim]]:
        """Split off the claims that there is no time for: to send, record and release the rest."""
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
        # Gathered, so that a bug in one channel is a failed attempt like any other.
        sending = _sending(queue.channel, queue.chat, claims)
        (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(outcome, DeliveryFailure) or outcome is None:
            return outcome
        if not isinstance(outcome, Exception):
            raise outcome
        self._bugs.append(outcome)
        broke = f"Headroom's own channel broke: {type(outcome).__name__}"
        return DeliveryFailure(FailureReason.BUG, broke, retryable=True, ambiguous=True)

    async def _failed(
        self, queue: ChannelQueue, claims: Sequence[Claim], failure: DeliveryFailure
    ) -> None:
        """Record the failure of each notice, and stop the channel if it is at fault."""
        channel_at_fault = failure.channel_at_fault or bool(failure.retry_after)
        if failure.retryable:
            queue.failed(claims, channel_at_fault=channel_at_fault)
        own = queue.works and not channel_at_fault
        recorded = await self._recorder.failed(claims, failure, queue.waiting, own=own)
        queue.stopped = queue.stopped or not recorded


async def _sending(
    channel: Channel, chat: Chat | None, claims: Sequence[Claim]
) -> DeliveryFailure | None:
    if len(claims) == 1 or chat is None:
        return await channel.send(claims[0].notice)
    earlier = {each.notice.id: each.delivery.stands_for for each in claims}
    return await chat.send_digest(Digest(tuple(each.notice for each in claims), earlier))


def _some_may_be_accepted(failure: DeliveryFailure) -> bool:
    """Whether a digest certainly did not arrive, and its channel might accept a part of it."""
    return not (failure.channel_at_fault or failure.retry_after or failure.ambiguous)


def _halves(claims: Sequence[Claim]) -> tuple[Sequence[Claim], Sequence[Claim]]:
    """Split by lanes; a single lane after its first claim, which the others must follow."""
    lanes = list(dict.fromkeys(each.lane for each in claims))
    if len(lanes) == 1:
        return claims[:1], claims[1:]
    early = set(lanes[: len(lanes) // 2])
    first = [each for each in claims if each.lane in early]
    return first, [each for each in claims if each.lane not in early]
