"""Delivery: send what this check holds leases for, channel beside channel, and record each outcome.

Nothing sleeps here: what fails waits for a later check, longer each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from headroom.delivery.backlog import Parcel
from headroom.delivery.channel_queue import ChannelQueue
from headroom.domain.delivery_failures import DeliveryFailure, FailureCause
from headroom.domain.digest import Digest
from headroom.domain.outbox import GIVE_UP_AFTER, Claim, Owed
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from headroom.pipeline.report import Report
from headroom.ports import Channel, Chat, DeadLetters, State

Each = TypeVar("Each")

RECORD_SECONDS = 2.0
"""Time that a record of the outcome is given, on top of the send's own time-out."""

SLOW_RECORD_SECONDS = 15.0
"""The same once a record has failed: about what the store's client may take for all its tries."""

PUT_SECONDS = 2.0
"""Time that the dead-letter queue is given."""

TOGETHER = 8
"""Records that are made side by side."""

MORE_SECONDS = 0.02
"""For each further record of the same message, several side by side."""

FIRST_WAIT = 30
"""Seconds; under a tick, so that the first retry is the next check. PagerDuty asks for no less."""

LONGEST_BACK_OFF = 900
"""Seconds between tries of a notice that its channel does not take, though it takes others."""

LONGEST_PROBE = 60
"""The same while the channel takes nothing: with a check each minute, the first try after its
return comes within two minutes."""

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


class Delivery:
    """The sending side of one check; `offer` as documents are committed, then `finish`."""

    def __init__(
        self,
        state: State,
        dead_letters: DeadLetters,
        channels: Mapping[str, Channel],
        *,
        clock: Callable[[], Instant],
        remaining: Callable[[], float],
        report: Report,
        fresh: bool,
    ) -> None:
        self._state = state
        self._dead_letters = dead_letters
        self._channels = channels
        self._clock = clock
        self._remaining = remaining
        self._report = report
        self._unknown = MISSING if fresh else UNREAD
        self._queues: dict[str, ChannelQueue] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._all_offered = False
        self._bugs: list[BaseException] = []
        self.settled: set[tuple[str, str, str]] = set()
        """Project, notice id and channel of all that was accepted or given up."""
        self.accepted: set[str] = set()
        """Channels that accepted anything in this check."""
        self.recorded = True
        """Whether every outcome so far could be written down."""

    def offer(self, project: str, claims: Iterable[Claim]) -> None:
        """Send these, each channel in the given order for each alert."""
        for claim in claims:
            queue = self._queues.get(claim.channel) or self._open(claim.channel)
            queue.waiting.add([Parcel(project, claim)])
            queue.changed.set()

    async def finish(self) -> list[BaseException]:
        """Wait until every channel is through; what broke unexpectedly is returned."""
        self._all_offered = True
        for queue in self._queues.values():
            queue.changed.set()
        ended = await asyncio.gather(*self._workers, return_exceptions=True)
        return [*self._bugs, *(each for each in ended if isinstance(each, BaseException))]

    def _open(self, name: str) -> ChannelQueue:
        queue = self._queues[name] = ChannelQueue(name, self._channels.get(name))
        self._workers.append(asyncio.create_task(self._work(queue)))
        return queue

    async def _work(self, queue: ChannelQueue) -> None:
        """Send one channel's notices until all were offered and none is left."""
        while True:
            queue.changed.clear()
            while not queue.stopped and (parcels := queue.next(all_offered=self._all_offered)):
                await self._send(queue, parcels)
            if queue.stopped or self._all_offered:
                # Others may be offered while these are handed back, the last of all among them.
                while lines := queue.waiting.take_lines():
                    await self._release(lines)
            if self._all_offered:
                return
            await queue.changed.wait()

    async def _send(self, queue: ChannelQueue, parcels: Sequence[Parcel]) -> None:
        """Try one message, for one notice or for many."""
        parcels, left = self._in_time(queue, parcels)
        if left:
            await self._release([left])
        if not parcels:
            queue.stopped = True
            return
        if parcels[0].claim.owed.given_up:
            await self._each(queue, parcels, self._put_again)
            return
        error = await self._outcome(queue, parcels)
        if error is None:
            queue.took()
            self._report.sent += len(parcels)
            await self._each(queue, parcels, self._accepted)
        elif len(parcels) > 1 and _of_some(error):
            self._problem(parcels, f"{error.reason}: sent again in halves")
            await self._send_halves(queue, parcels)
        else:
            await self._failed(queue, parcels, error)

    async def _send_halves(self, queue: ChannelQueue, parcels: Sequence[Parcel]) -> None:
        """Find what a refused digest was refused for; the rest is sent without it.

        The second half waits in the queue meanwhile: it is handed back if the queue stops, and so
        is what follows a notice of the same alert that failed.
        """
        first, second = _halves(parcels)
        queue.waiting.add(second)
        await self._send(queue, first)
        if queue.stopped or queue.doubted:
            return  # what shows what is at fault comes first
        lines = dict.fromkeys(each.line for each in second)
        left = [each for line in lines for each in queue.waiting.take_line(line)]
        if left:
            await self._send(queue, left)

    def _in_time(
        self, queue: ChannelQueue, parcels: Sequence[Parcel]
    ) -> tuple[Sequence[Parcel], Sequence[Parcel]]:
        """Those that there is time to send, record, and hand back the rest, and the others."""
        send = PUT_SECONDS if queue.channel is None else queue.channel.timeout
        record = RECORD_SECONDS if self.recorded else SLOW_RECORD_SECONDS
        handing_back = MORE_SECONDS * queue.waiting.count
        left = self._remaining() - send - record - handing_back
        many = int(left / MORE_SECONDS) + 1 if left >= 0 else 0
        return parcels[:many], parcels[many:]

    async def _outcome(
        self, queue: ChannelQueue, parcels: Sequence[Parcel]
    ) -> DeliveryFailure | None:
        if queue.channel is None:
            return self._unknown
        # Gathered, so that a bug in one channel is a failed try like any other.
        sending = _sending(queue.channel, queue.chat, [each.claim for each in parcels])
        (outcome,) = await asyncio.gather(sending, return_exceptions=True)
        if isinstance(outcome, DeliveryFailure) or outcome is None:
            return outcome
        if not isinstance(outcome, Exception):
            raise outcome
        self._bugs.append(outcome)
        broke = f"Headroom's own channel broke: {type(outcome).__name__}"
        return DeliveryFailure(FailureCause.BUG, broke, retryable=True, ambiguous=True)

    async def _failed(
        self, queue: ChannelQueue, parcels: Sequence[Parcel], error: DeliveryFailure
    ) -> None:
        """Let each notice wait for itself, and the channel where it is the channel's fault."""
        self._report.failures[error.cause] += len(parcels)
        self._problem(parcels, error.reason)
        channel_at_fault = error.channel_at_fault or bool(error.retry_after)
        if error.retryable:
            queue.failed(parcels, channel_at_fault=channel_at_fault)
        own = queue.works and not channel_at_fault

        async def fail(parcel: Parcel) -> bool:
            return await self._tried(parcel, error, own=own)

        await self._each(queue, parcels, fail)

    async def _each(
        self,
        queue: ChannelQueue,
        parcels: Sequence[Parcel],
        settle: Callable[[Parcel], Awaitable[bool]],
    ) -> None:
        """Record what became of each, alerts side by side; what follows one that waits waits too.

        Once an outcome could not be recorded nothing more is sent there: its order is not known.
        """
        lines: dict[object, list[Parcel]] = {}
        for each in parcels:
            lines.setdefault(each.line, []).append(each)

        async def settle_line(line: Sequence[Parcel]) -> None:
            for place, parcel in enumerate(line):
                try:
                    if await settle(parcel):
                        continue
                    await self._release([line[place + 1 :], queue.waiting.take_line(parcel.line)])
                except StateUnavailable as error:
                    queue.stopped, self.recorded = True, False
                    self._problem([parcel], f"the outcome could not be recorded: {error}")
                break

        await _side_by_side(settle_line, lines.values())

    async def _accepted(self, parcel: Parcel) -> bool:
        self.accepted.add(parcel.claim.channel)
        await self._record(parcel, None)
        return True

    async def _tried(self, parcel: Parcel, error: DeliveryFailure, *, own: bool) -> bool:
        """Record a failed try, `own`: by the notice's own fault; False: it is pending still."""
        claim, now = parcel.claim, self._clock()
        tried = replace(
            claim.owed,
            attempts=claim.owed.attempts + 1,
            alone=claim.owed.alone + own,
            asked=0,
            lease="",
            lease_until=0,
            uncertain=claim.owed.uncertain or error.ambiguous,
        )
        if not error.retryable:
            tried = replace(tried, given_up=error.reason)
            return await self._give_up(parcel, tried, error.reason)
        last = claim.queued_at + GIVE_UP_AFTER
        if now >= last:
            return await self._give_up(parcel, tried, f"given up after 24 hours: {error.reason}")
        wait = _wait(tried, own=own)
        # However long it asks to wait: the try that may give up comes within the 24 hours.
        retry_at = min(now + max(wait, round(error.retry_after or 0)), max(now + wait, last))
        asked = retry_at if error.retry_after else 0
        await self._record(parcel, replace(tried, retry_at=retry_at, asked=asked))
        return False

    async def _give_up(self, parcel: Parcel, tried: Owed, reason: str) -> bool:
        """Put it in the dead-letter queue; the next check reports it on the default channel."""
        if why := await self._not_kept(parcel, reason):
            self._problem([parcel], f"the dead-letter queue did not take it: {why}")
            # What was refused is only put there again; after 24 hours the channel may be back.
            wait = LONGEST_PROBE if tried.given_up else LONGEST_BACK_OFF
            await self._record(parcel, replace(tried, retry_at=self._clock() + wait))
            return False
        self._problem([parcel], f"given up, now in the dead-letter queue: {reason}")
        await self._record(parcel, Owed(refused=reason))
        return True

    async def _put_again(self, parcel: Parcel) -> bool:
        """What was refused for good, but the dead-letter queue did not take."""
        owed = parcel.claim.owed
        return await self._give_up(parcel, replace(owed, lease="", lease_until=0), owed.given_up)

    async def _not_kept(self, parcel: Parcel, reason: str) -> str:
        """Put it in the dead-letter queue; why that failed, else ''."""
        if self._remaining() < PUT_SECONDS + RECORD_SECONDS:
            return "no time is left"  # without a record it would be put there again
        claim = parcel.claim
        try:
            await self._dead_letters.put(claim.notice.as_json(), claim.channel, reason)
        except StateUnavailable as error:
            return str(error)
        return ""

    async def _release(self, lines: Iterable[Sequence[Parcel]]) -> None:
        """Hand these back untried, with their clocks as they were."""
        await _side_by_side(self._hand_back, [each for line in lines for each in line])

    async def _hand_back(self, parcel: Parcel) -> None:
        if not self.recorded:
            return  # while records fail that is left to the lease's end
        try:
            await self._record(parcel, replace(parcel.claim.owed, lease="", lease_until=0))
        except StateUnavailable as error:
            self.recorded = False
            self._problem([parcel], f"it could not be handed back: {error}")

    async def _record(self, parcel: Parcel, owed: Owed | None) -> None:
        claim = parcel.claim
        if self._remaining() < RECORD_SECONDS:
            self.recorded = False
            left = "no time was left to record the outcome: the lease will run out"
            self._problem([parcel], left)
            return
        held = await self._state.record(
            parcel.project, claim.notice.id, claim.channel, token=claim.owed.lease, owed=owed
        )
        if held and (owed is None or owed.refused):
            self.settled.add((parcel.project, claim.notice.id, claim.channel))
        if not held:
            self._problem([parcel], "the lease ran out before the outcome was recorded")

    def _problem(self, parcels: Sequence[Parcel], text: str) -> None:
        project, claim = parcels[0].project, parcels[0].claim
        what = f"{project}: notice {claim.notice.id} ({claim.notice.kind})"
        if len(parcels) > 1:
            what = f"digest of {len(parcels)} notices"
        self._report.problems.append(f"{what} to {claim.channel}: {text}")


async def _sending(
    channel: Channel, chat: Chat | None, claims: Sequence[Claim]
) -> DeliveryFailure | None:
    if len(claims) == 1 or chat is None:
        return await channel.send(claims[0].notice)
    more = {each.notice.id: each.owed.more for each in claims}
    return await chat.send_digest(Digest(tuple(each.notice for each in claims), more))


def _of_some(error: DeliveryFailure) -> bool:
    """Whether a digest surely did not arrive, and its channel might take a part of it."""
    return not (error.channel_at_fault or error.retry_after or error.ambiguous)


def _halves(parcels: Sequence[Parcel]) -> tuple[Sequence[Parcel], Sequence[Parcel]]:
    """By alerts; those of a single alert are split after the first, which the others follow."""
    lines = list(dict.fromkeys(each.line for each in parcels))
    if len(lines) == 1:
        return parcels[:1], parcels[1:]
    early = set(lines[: len(lines) // 2])
    first = [each for each in parcels if each.line in early]
    return first, [each for each in parcels if each.line not in early]


def _wait(tried: Owed, *, own: bool) -> int:
    """Seconds until the next try: of its own, ever longer; else as long as a channel is probed."""
    if own:
        return int(min(FIRST_WAIT << (tried.alone - 1), LONGEST_BACK_OFF))
    return int(min(FIRST_WAIT << (tried.attempts - 1), LONGEST_PROBE))


async def _side_by_side(record: Callable[[Each], Awaitable[None]], these: Iterable[Each]) -> None:
    """Do it for all of these, so many at a time."""
    places = asyncio.Semaphore(TOGETHER)

    async def one(each: Each) -> None:
        async with places:
            await record(each)

    await asyncio.gather(*map(one, these))
