"""Channels and the dead-letter queue: what really arrives, whatever answer the sender gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice
from headroom.errors import StateUnavailable
from tests.builders import delivery_failure
from tests.simulation.outside.fault_injector import FaultInjector, current, die
from tests.simulation.run_log import Attempt, RunLog
from tests.simulation.scenarios import randomness
from tests.simulation.scenarios.scenario import Fault

HEADROOM, OWN = "headroom", "headroom/own"
"""In place of a project's name in Headroom's own reports, and the document that holds them."""
BUSY = 600.0
"""Seconds that a busy channel asks for, at most."""


@dataclass(frozen=True)
class SimulatedChannel:
    """One channel."""

    name: str
    is_pager: bool
    faults: FaultInjector
    log: RunLog
    timeout: float = 5.0

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """Deliver, or fail as drawn."""
        if self.is_pager and notice.kind.value == "missed":
            return None  # a pager accepts it and pages nobody
        if self._poisoned(notice):
            attempt = self._begin(notice)
            attempt.answer, attempt.until, attempt.poisoned = "retry", 0.0, True
            return delivery_failure("400 something about it", retryable=True)
        return await self._deliver(lambda: [self._begin(notice)])

    def _poisoned(self, notice: Notice) -> bool:
        scenario = self.log.scenario
        drawn = randomness.parts(scenario.seed, "poison", self.name, notice.id)[0]
        return self.log.now < scenario.calm and drawn < scenario.poison

    async def _deliver(self, begin: Callable[[], list[Attempt]]) -> DeliveryFailure | None:
        drawn = self.faults.draw("send", self.name)
        fault = drawn.fault or Fault("")
        attempts = begin()
        await asyncio.sleep(min(drawn.before, self.timeout / 2))
        if fault.kind == "crash before":
            await die("crashed before it was sent")
        if fault.kind in ("slow", "lost, answer lost", "unreachable", "busy", "refused"):
            await asyncio.sleep(fault.seconds)
        if fault.kind not in REFUSALS:
            self._arrive(attempts)
        if fault.kind == "crash after":
            await die("crashed after it was sent")
        if fault.kind == "arrived, answer lost":
            await asyncio.sleep(fault.seconds)
        asks = round(BUSY * fault.seconds) if fault.kind == "busy" else None
        answer, failure = ANSWERS.get(fault.kind, ("accepted", None))
        for attempt in attempts:
            attempt.answer, attempt.until = answer, 0.0
            attempt.back_off_until = self.log.clock() + asks if asks else 0
        return replace(failure, retry_after=asks) if failure else None

    def _begin(self, notice: Notice, digest: str = "") -> Attempt:
        invocation, now = current(), self.log.now
        for other in self.log.attempts:
            same = (other.channel, other.notice["id"]) == (self.name, notice.id)
            if same and other.until > now:
                self.log.facts.overlaps.append(f"{notice.id} to {self.name}")
        attempt = Attempt(
            check=invocation.check,
            at=self.log.clock(),
            project=OWN if notice.project == HEADROOM else notice.project,
            channel=self.name,
            notice=json.loads(json.dumps(notice.as_json())),
            order=self.log.next(),
            until=now + self.timeout,
            digest=digest,
        )
        self.log.attempts.append(attempt)
        what = f" in digest {digest[:6]}" if digest else ""
        self.log.add("send", self.name, f"{notice.id[:6]} {notice.summary}{what}")
        return attempt

    def _arrive(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            attempt.arrived = True
            notice = attempt.notice
            self.log.add("arrived", self.name, f"{notice['id'][:6]} {notice['kind']}")


class SimulatedChat(SimulatedChannel):
    """One that people read, and that takes digests: each is a send of everything that it names."""

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        """Deliver, or fail as drawn."""
        return await self._deliver(
            lambda: [self._begin(each, digest.id) for each in digest.notices]
        )


REFUSALS = frozenset({"lost, answer lost", "unreachable", "busy", "refused"})
TIMED_OUT = delivery_failure("timed out", reason=FailureReason.TIMEOUT, ambiguous=True)
NO_CONNECTION = delivery_failure(
    "no connection", reason=FailureReason.NETWORK, channel_at_fault=True
)
ANSWERS = {
    "arrived, answer lost": ("ambiguous", TIMED_OUT),
    "lost, answer lost": ("ambiguous", TIMED_OUT),
    "unreachable": ("retry", NO_CONNECTION),
    "busy": ("retry", delivery_failure("429", reason=FailureReason.RATE_LIMITED)),
    "refused": ("refused", delivery_failure("no such channel", retryable=False)),
}


@dataclass(frozen=True)
class DeadLetterQueue:
    """Where given-up notices go."""

    faults: FaultInjector
    log: RunLog

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """Keep it, if nothing goes wrong."""

        async def keep() -> None:
            self.log.letter(notice, channel)

        def lost(kind: str) -> Exception:
            return StateUnavailable(f"the queue: {kind}, and it was to keep why: {reason}")

        await self.faults.step("letter", channel, keep, lost)
