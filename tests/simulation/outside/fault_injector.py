"""The only way to the outside: every step of every invocation passes here, and may fail here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.simulation.invocations import INVOCATION, Invocation
from tests.simulation.outside.fault_rates import Step, draw_step
from tests.simulation.run_log import RunLog
from tests.simulation.scenarios.scenario import Fault
from tests.simulation.virtual_time import Frozen, pause

T = TypeVar("T")
Errors = Callable[[str], Exception]
"""What the caller sees of a fault of this kind."""

DONE = frozenset({"lost after", "error after"})
"""Faults after which it is done, though the caller gets an error."""
PAUSE = 0.2
"""Seconds of a delay that are worth handing back for."""


class FaultInjector:
    """Between the invocations of one run and what is outside."""

    def __init__(self, log: RunLog) -> None:
        self.log = log
        self._scenario = log.scenario

    def draw(self, operation: str, who: str = "", *parts: str) -> Step:
        """Draw what happens to the next step; `parts`: names that an outage may have instead."""
        invocation = current()
        key = (invocation.check, operation, invocation.step(operation))
        calm = self.log.now >= self._scenario.calm
        drawn = draw_step(self._scenario, key, calm=calm)
        if calm:
            return drawn
        if drawn.fault:
            self.log.fault_struck(key, drawn.fault, who)
        elif outage := self._outage(operation, who, *parts):
            drawn = Step(drawn.before, drawn.after, outage)
            self.log.facts.troubled.add(invocation.check)
            self.log.figures[f"outage: {operation}"] += 1
        return drawn

    def _outage(self, operation: str, *who: str) -> Fault | None:
        now = self.log.now
        for each in self._scenario.outages:
            meant = each.operation == operation and each.who in ("", *who)
            if meant and each.begins <= now < each.ends:
                return each.fault
        return None

    async def step(
        self, operation: str, who: str, effect: Callable[[], Awaitable[T]], errors: Errors
    ) -> T:
        """Do it, now or a little later, if nothing goes wrong."""
        drawn = self.draw(operation, who)
        await asyncio.sleep(drawn.before)
        fault = drawn.fault or Fault("")
        if fault.kind == "crash before":
            await die(f"crashed before {operation}")
        if fault.kind in ("throttled", "lost before"):
            await asyncio.sleep(fault.seconds)
            raise errors(fault.kind)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        result = await effect()
        if fault.kind == "crash after":
            await die(f"crashed after {operation}")
        if fault.kind in DONE:
            await asyncio.sleep(fault.seconds)
            raise errors(fault.kind)
        await asyncio.sleep(drawn.after)
        return result

    def call(self, operation: str, who: str, effect: Callable[[], T], errors: Errors) -> T:
        """Do the same from within a thread."""
        drawn = self.draw(operation, who)
        fault = drawn.fault or Fault("")
        wait(drawn.before)
        if fault.kind == "crash before":
            crash(f"crashed before {operation}")
        if fault.kind in ("throttled", "lost before", "conflict"):
            wait(fault.seconds)
            raise errors(fault.kind)
        if fault.kind == "slow":
            wait(fault.seconds)
        result = effect()
        if fault.kind == "crash after":
            crash(f"crashed after {operation}")
        if fault.kind == "resent":  # the answer was lost, and the library asks again by itself
            wait(fault.seconds)
            result = effect()
        if fault.kind in DONE:
            wait(fault.seconds)
            raise errors(fault.kind)
        wait(drawn.after)
        return result


def current() -> Invocation:
    """The process that asks; a dead one asks nothing."""
    invocation = INVOCATION.get()
    if invocation.died:
        raise asyncio.CancelledError(invocation.died)
    return invocation


async def die(of: str) -> None:
    """End this invocation at this step."""
    INVOCATION.get().die(of)
    await asyncio.sleep(3600)


def crash(of: str) -> None:
    """End it from within a thread."""
    INVOCATION.get().die(of)
    raise Frozen(of)


def wait(seconds: float) -> None:
    """Let time pass in a thread, unless it is too short to matter; a dead process stops there."""
    if seconds >= PAUSE:
        pause(seconds)
    if INVOCATION.get().died:
        raise Frozen(INVOCATION.get().died)
