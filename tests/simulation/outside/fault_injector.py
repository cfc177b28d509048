"""The one way to the outside: every step of every process passes here, and may go wrong here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tests.simulation.invocations import LIFE, Life
from tests.simulation.outside.fault_rates import Turn, turn
from tests.simulation.run_log import Chronicle
from tests.simulation.scenarios.scenario import Fault
from tests.simulation.virtual_time import Frozen, pause

T = TypeVar("T")
Errors = Callable[[str], Exception]
"""What the caller sees of a fault of this kind."""

DONE = frozenset({"lost after", "error after"})
"""It is done, and nobody is told."""
PAUSE = 0.2
"""Seconds of a delay that are worth handing back for."""


class Gate:
    """Between the processes of one story and the world."""

    def __init__(self, chronicle: Chronicle) -> None:
        self.chronicle = chronicle
        self._plan = chronicle.plan

    def turn(self, operation: str, who: str = "", *parts: str) -> Turn:
        """What the next step of this process is in for; `parts`: of what else it depends on."""
        life = here()
        key = (life.check, operation, life.step(operation))
        calm = self.chronicle.now >= self._plan.calm
        drawn = turn(self._plan, key, calm=calm)
        if calm:
            return drawn
        if drawn.fault:
            self.chronicle.strike(key, drawn.fault, who)
        elif outage := self._outage(operation, who, *parts):
            drawn = Turn(drawn.before, drawn.after, outage)
            self.chronicle.facts.troubled.add(life.check)
            self.chronicle.figures[f"outage: {operation}"] += 1
        return drawn

    def _outage(self, operation: str, *who: str) -> Fault | None:
        now = self.chronicle.now
        for each in self._plan.outages:
            meant = each.operation == operation and each.who in ("", *who)
            if meant and each.begins <= now < each.ends:
                return each.fault
        return None

    async def step(
        self, operation: str, who: str, effect: Callable[[], Awaitable[T]], errors: Errors
    ) -> T:
        """Do it, now or a little later, if nothing goes wrong."""
        drawn = self.turn(operation, who)
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
        drawn = self.turn(operation, who)
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


def here() -> Life:
    """The process that asks; a dead one asks nothing."""
    life = LIFE.get()
    if life.died:
        raise asyncio.CancelledError(life.died)
    return life


async def die(of: str) -> None:
    """End this process at this very step."""
    LIFE.get().die(of)
    await asyncio.sleep(3600)


def crash(of: str) -> None:
    """End it from within a thread."""
    LIFE.get().die(of)
    raise Frozen(of)


def wait(seconds: float) -> None:
    """Let time pass in a thread, unless it is too short to matter; a dead process stops there."""
    if seconds >= PAUSE:
        pause(seconds)
    if LIFE.get().died:
        raise Frozen(LIFE.get().died)
