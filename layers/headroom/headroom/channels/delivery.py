"""Delivery: send what this check holds leases for, channel beside channel, and record each outcome.

Nothing sleeps here: what fails waits for a later check, longer each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.channels.port import Channel
from headroom.domain.outbox import GIVE_UP_AFTER, Claim, Owed
from headroom.domain.windows import Instant
from headroom.errors import DeliveryError, StateUnavailable
from headroom.report import Report
from headroom.state.port import DeadLetters, State

RECORD_SECONDS = 2.0
"""Time that a record of the outcome is given, on top of the send's own time-out."""

SLOW_RECORD_SECONDS = 15.0
"""The same once a record has failed: about what the store's client may take for all its tries."""

FIRST_WAIT = 30
"""Seconds; under a tick, so that the first retry is the next check. PagerDuty asks for no less."""
LONGEST_WAIT = 900


MISSING = DeliveryError("no such channel is configured", retryable=False)
UNREAD = DeliveryError(
    "no such channel is known yet: the configuration was not read anew", retryable=True
)
"""In its place while the listing may be older than the channel."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One leased notice of one project."""

    project: str
    claim: Claim


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
        self._queues: dict[str, asyncio.Queue[Parcel | None]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._bugs: list[BaseException] = []
        self._stuck: dict[tuple[str, str], Instant] = {}
        """Channel and alert whose notice could not be given up: what follows it waits as well."""
        self.settled: set[tuple[str, str, str]] = set()
        """Project, notice id and channel of all that was accepted or given up."""
        self.accepted: set[str] = set()
        """Channels that accepted anything in this check."""
        self.recorded = True
        """Whether every outcome so far could be written down."""

    def offer(self, project: str, claims: Iterable[Claim]) -> None:
        """Send these, each channel in the given order."""
        for claim in claims:
            if claim.channel not in self._queues:
                self._queues[claim.channel] = asyncio.Queue()
                self._workers.append(asyncio.create_task(self._work(claim.channel)))
            self._queues[claim.channel].put_nowait(Parcel(project, claim))

    async def finish(self) -> list[BaseException]:
        """Wait until every channel is through; what broke unexpectedly is returned."""
        for queue in self._queues.values():
            queue.put_nowait(None)
        ended = await asyncio.gather(*self._workers, return_exceptions=True)
        return [*self._bugs, *(each for each in ended if isinstance(each, BaseException))]

    async def _work(self, name: str) -> None:
        """Send one channel's notices; the first that has to wait makes the rest wait with it."""
        waiting_until: Instant | None = None
        while (parcel := await self._queues[name].get()) is not None:
            line = parcel.claim.channel, parcel.claim.notice.alert_id
            until = self._stuck.get(line) if waiting_until is None else waiting_until
            try:
                if until is None:
                    waiting_until = await self._send(parcel)
                else:
                    await self._release(parcel, until)
            except StateUnavailable as error:
                self.recorded = False
                waiting_until = waiting_until or self._clock()
                self._problem(parcel, f"the outcome could not be recorded: {error}")

    async def _send(self, parcel: Parcel) -> Instant | None:
        """Try one; returns until when the channel has to wait, if it has to."""
        channel = self._channels.get(parcel.claim.channel)
        if channel is None:
            return await self._failed(parcel, self._unknown)
        record = RECORD_SECONDS if self.recorded else SLOW_RECORD_SECONDS
        if self._remaining() < channel.timeout + record:
            return await self._release(parcel, 0)
        # Gathered, so that a slip of ours in one channel is a failed try like any other.
        (outcome,) = await asyncio.gather(channel.send(parcel.claim.notice), return_exceptions=True)
        if isinstance(outcome, DeliveryError):
            return await self._failed(parcel, outcome)
        if isinstance(outcome, Exception):
            self._bugs.append(outcome)
            broke = f"Headroom's own channel broke: {type(outcome).__name__}"
            return await self._failed(parcel, DeliveryError(broke, retryable=True, ambiguous=True))
        if isinstance(outcome, BaseException):
            raise outcome
        self._report.sent += 1
        self.accepted.add(parcel.claim.channel)
        await self._record(parcel, None)
        return None

    async def _failed(self, parcel: Parcel, error: DeliveryError) -> Instant | None:
        self._report.failed += 1
        self._problem(parcel, error.reason)
        uncertain = parcel.claim.owed.uncertain or error.ambiguous
        owed = replace(parcel.claim.owed, uncertain=uncertain)
        parcel = replace(parcel, claim=replace(parcel.claim, owed=owed))
        now = self._clock()
        if not error.retryable:
            await self._give_up(parcel, error.reason)
            return None
        if now - parcel.claim.queued_at >= GIVE_UP_AFTER:
            await self._give_up(parcel, f"given up after 24 hours: {error.reason}")
            return None
        attempts = parcel.claim.owed.attempts + 1
        wait = min(FIRST_WAIT << (attempts - 1), LONGEST_WAIT)
        # However long it asks to wait: the try that may give up comes within the 24 hours.
        latest = max(now + wait, parcel.claim.queued_at + GIVE_UP_AFTER)
        retry_at = min(now + max(wait, round(error.retry_after or 0)), latest)
        asked = retry_at if error.retry_after else 0
        first = parcel.claim.owed.first
        await self._record(
            parcel, Owed(attempts, retry_at, asked, first=first, uncertain=uncertain)
        )
        return retry_at

    async def _give_up(self, parcel: Parcel, reason: str) -> None:
        """Put it in the dead-letter queue; the next check reports it on the default channel."""
        claim = parcel.claim
        try:
            await self._dead_letters.put(claim.notice.as_json(), claim.channel, reason)
        except StateUnavailable as error:
            self._problem(parcel, f"the dead-letter queue did not take it: {error}")
            until = self._clock() + LONGEST_WAIT
            self._stuck[claim.channel, claim.notice.alert_id] = until
            await self._release(parcel, until)
            return
        self._problem(parcel, f"given up, now in the dead-letter queue: {reason}")
        await self._record(parcel, Owed(refused=reason))

    async def _release(self, parcel: Parcel, retry_at: Instant) -> Instant:
        """Hand it back untried; while records fail that is left to the lease's end."""
        if not self.recorded:
            return retry_at
        owed = parcel.claim.owed
        last = parcel.claim.queued_at + GIVE_UP_AFTER  # whatever the channel asked of another
        later = max(min(retry_at, last), owed.retry_at)
        await self._record(parcel, replace(owed, lease="", lease_until=0, retry_at=later))
        return retry_at

    async def _record(self, parcel: Parcel, owed: Owed | None) -> None:
        claim = parcel.claim
        if self._remaining() < RECORD_SECONDS:
            self.recorded = False
            self._problem(parcel, "no time was left to record the outcome: the lease will run out")
            return
        held = await self._state.record(
            parcel.project, claim.notice.id, claim.channel, token=claim.owed.lease, owed=owed
        )
        if held and (owed is None or owed.refused):
            self.settled.add((parcel.project, claim.notice.id, claim.channel))
        if not held:
            self._problem(parcel, "the lease ran out before the outcome was recorded")

    def _problem(self, parcel: Parcel, text: str) -> None:
        notice = parcel.claim.notice
        where = f"{parcel.project}: notice {notice.id} ({notice.kind}) to {parcel.claim.channel}"
        self._report.problems.append(f"{where}: {text}")
