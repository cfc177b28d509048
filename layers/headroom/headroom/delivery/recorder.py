"""Records the outcome of each send: accepted, to be tried again, given up, or released untried."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from headroom.delivery.backlog import Backlog
from headroom.delivery.sent import Result, Send, SendKey, Sent
from headroom.domain.claims import Claim, Lane
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.outbox import GIVE_UP_AFTER, PendingDelivery
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from headroom.ports import DeadLetters, Deadline, State

Each = TypeVar("Each")

RECORD_SECONDS = 2.0
"""Seconds kept to record an outcome, on top of the send's own time-out."""

SLOW_RECORD_SECONDS = 15.0
"""The same once a record has failed: about the time that the store's client takes for retries."""

PUT_SECONDS = 2.0
"""Seconds kept for the dead-letter queue."""

TOGETHER = 8
"""Records at the same time, at most."""

FIRST_WAIT = 30
"""Seconds before the first retry: under a tick, so that it comes with the next check, and no less
than PagerDuty asks for."""

LONGEST_BACK_OFF = 900
"""The most seconds between attempts for a notice, when its channel accepts others."""

LONGEST_PROBE = 60
"""The same when the channel accepts nothing: with a check each minute, the first attempt after its
return comes within two minutes."""


class Recorder:
    """Records the outcomes of one check's sends, in the store and for the report (`sent`).

    `behind` is what is queued for the same channel: claims that follow a failed one are released.
    The methods that take it return whether every outcome could be recorded; if not, nothing more
    may be sent to that channel, as the order would be unknown.
    """

    def __init__(
        self,
        state: State,
        dead_letters: DeadLetters,
        *,
        clock: Callable[[], Instant],
        deadline: Deadline,
    ) -> None:
        self._state = state
        self._dead_letters = dead_letters
        self._clock = clock
        self._deadline = deadline
        self._sends: dict[SendKey, Send] = {}
        self._problems: list[str] = []
        self._all_recorded = True

    def sent(self, bugs: Sequence[BaseException]) -> Sent:
        """The results so far, with the bugs that sending found."""
        return Sent(self._sends, self._problems, self._all_recorded, bugs)

    @property
    def seconds(self) -> float:
        """The time that a record may take now."""
        return RECORD_SECONDS if self._all_recorded else SLOW_RECORD_SECONDS

    async def accepted(self, claims: Sequence[Claim], behind: Backlog) -> bool:
        """Record that the channel accepted these."""
        self._sends.update((_key(each), Send(Result.ACCEPTED)) for each in claims)
        return await self._each(claims, behind, self._accepted)

    async def failed(
        self, claims: Sequence[Claim], failure: DeliveryFailure, behind: Backlog, *, own: bool
    ) -> bool:
        """Record that the channel did not accept these.

        `own`: the notices are at fault, since their channel accepted others.
        """
        self._sends.update((_key(each), Send(Result.RETRY, failure)) for each in claims)
        self.problem(claims, failure.detail)
        return await self._each(claims, behind, partial(self._tried, failure=failure, own=own))

    async def put_again(self, claims: Sequence[Claim], behind: Backlog) -> bool:
        """Put notices into the dead-letter queue that it did not accept before."""
        return await self._each(claims, behind, self._put_again)

    async def release(self, lanes: Iterable[Sequence[Claim]]) -> None:
        """Release these leases without an attempt; nothing else of the deliveries changes."""
        await _side_by_side(self._release, [each for lane in lanes for each in lane])

    def problem(self, claims: Sequence[Claim], text: str) -> None:
        """Add a line about one notice, or about the digest that stood for several."""
        first = claims[0]
        what = f"{first.project}: notice {first.notice.id} ({first.notice.kind})"
        if len(claims) > 1:
            what = f"digest of {len(claims)} notices"
        self._problems.append(f"{what} to {first.channel}: {text}")

    async def _each(
        self, claims: Sequence[Claim], behind: Backlog, record: Callable[[Claim], Awaitable[bool]]
    ) -> bool:
        """Record these, lanes side by side; after a False the rest of the lane is released."""
        lanes: dict[Lane, list[Claim]] = {}
        for each in claims:
            lanes.setdefault(each.lane, []).append(each)
        unknown: list[Claim] = []

        async def record_lane(lane: Sequence[Claim]) -> None:
            for place, claim in enumerate(lane):
                try:
                    if await record(claim):
                        continue
                    await self.release([lane[place + 1 :], behind.take_lane(claim.lane)])
                except StateUnavailable as error:
                    unknown.append(claim)
                    self._unrecorded(claim, f"the outcome could not be recorded: {error}")
                break

        await _side_by_side(record_lane, lanes.values())
        return not unknown

    async def _accepted(self, claim: Claim) -> bool:
        if await self._record(claim, None):
            self._note(claim, settled=True)
        return True

    async def _tried(self, claim: Claim, *, failure: DeliveryFailure, own: bool) -> bool:
        """Record a failed attempt; False: the notice is still pending."""
        now = self._clock()
        tried = replace(
            claim.delivery,
            attempts=claim.delivery.attempts + 1,
            own_failures=claim.delivery.own_failures + own,
            back_off_until=0,
            lease="",
            lease_until=0,
            may_have_arrived=claim.delivery.may_have_arrived or failure.ambiguous,
        )
        if not failure.retryable:
            tried = replace(tried, given_up=failure.detail)
            return await self._give_up(claim, tried, failure.detail)
        last = claim.queued_at + GIVE_UP_AFTER
        if now >= last:
            return await self._give_up(claim, tried, f"given up after 24 hours: {failure.detail}")
        wait = _wait(tried, own=own)
        # However long the channel asks us to wait, the last attempt comes within the 24 hours.
        retry_at = min(now + max(wait, round(failure.retry_after or 0)), max(now + wait, last))
        until = retry_at if failure.retry_after else 0
        await self._record(claim, replace(tried, retry_at=retry_at, back_off_until=until))
        return False

    async def _put_again(self, claim: Claim) -> bool:
        delivery = replace(claim.delivery, lease="", lease_until=0)
        return await self._give_up(claim, delivery, delivery.given_up)

    async def _give_up(self, claim: Claim, tried: PendingDelivery, reason: str) -> bool:
        """Put it into the dead-letter queue; the next check reports it on the default channel."""
        if why := await self._put(claim, reason):
            self._note(claim, Result.GIVEN_UP)
            self.problem([claim], f"the dead-letter queue did not accept it: {why}")
            # A refused notice is only put there again; after 24 hours the channel is tried as well.
            wait = LONGEST_PROBE if tried.given_up else LONGEST_BACK_OFF
            await self._record(claim, replace(tried, retry_at=self._clock() + wait))
            return False
        self._note(claim, Result.DEAD_LETTER)
        self.problem([claim], f"{Result.DEAD_LETTER}: {reason}")
        if await self._record(claim, PendingDelivery(dead_letter=reason)):
            self._note(claim, settled=True)
        return True

    async def _put(self, claim: Claim, reason: str) -> str:
        """Put it into the dead-letter queue, and return why that failed, else ''."""
        if self._deadline.left() < PUT_SECONDS + RECORD_SECONDS:
            return "no time is left"  # without a record it would be put there twice
        try:
            await self._dead_letters.put(claim.notice.as_json(), claim.channel, reason)
        except StateUnavailable as error:
            return str(error)
        return ""

    async def _release(self, claim: Claim) -> None:
        if not self._all_recorded:
            return  # while records fail, leave the lease to end by itself
        try:
            await self._record(claim, replace(claim.delivery, lease="", lease_until=0))
        except StateUnavailable as error:
            self._unrecorded(claim, f"it could not be handed back: {error}")

    async def _record(self, claim: Claim, delivery: PendingDelivery | None) -> bool:
        """Store the outcome if the lease still holds, and return whether it was stored."""
        if self._deadline.left() < RECORD_SECONDS:
            left = "no time was left to record the outcome: the lease will run out"
            self._unrecorded(claim, left)
            return False
        held = await self._state.record(
            claim.project,
            claim.notice.id,
            claim.channel,
            token=claim.delivery.lease,
            delivery=delivery,
        )
        if not held:
            self.problem([claim], "the lease ran out before the outcome was recorded")
        return held

    def _note(self, claim: Claim, result: Result | None = None, *, settled: bool = False) -> None:
        """Change the result of a notice; without a send, an earlier check had given it up."""
        known = self._sends.get(_key(claim), Send(Result.GIVEN_UP))
        self._sends[_key(claim)] = replace(known, result=result or known.result, settled=settled)

    def _unrecorded(self, claim: Claim, text: str) -> None:
        self._all_recorded = False
        self.problem([claim], text)


def _key(claim: Claim) -> SendKey:
    return claim.project, claim.notice.id, claim.channel


def _wait(tried: PendingDelivery, *, own: bool) -> int:
    """Seconds until the next try.

    A notice that is at fault waits longer each time; a channel that accepts nothing is probed.
    """
    if own:
        return int(min(FIRST_WAIT << (tried.own_failures - 1), LONGEST_BACK_OFF))
    return int(min(FIRST_WAIT << (tried.attempts - 1), LONGEST_PROBE))


async def _side_by_side(record: Callable[[Each], Awaitable[None]], these: Iterable[Each]) -> None:
    """Run `record` for all of these, at most `TOGETHER` at a time."""
    places = asyncio.Semaphore(TOGETHER)

    async def one(each: Each) -> None:
        async with places:
            await record(each)

    await asyncio.gather(*map(one, these))
