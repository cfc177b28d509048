"""The end of a complete check: a service outside that waits for a sign of life gets one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from headroom.config.models import HeartbeatModel
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.ports import Deadline, Heartbeat

TIMEOUT = 5.0
"""Seconds for the call at most: the address is to be quick, and the next check calls again."""

SHORTEST = 2.0
"""Seconds below which there is no call: it would be cut off."""

RESERVE = 1.0
"""Seconds that are kept for the check's own end."""


@dataclass(frozen=True, slots=True)
class Beat:
    """How the call went; nothing in it: it arrived, or nobody was to be called."""

    problem: str = ""
    bug: BaseException | None = None


NO_BEAT = Beat()


async def beat(
    heartbeat: Heartbeat | None, wanted: HeartbeatModel | None, deadline: Deadline
) -> Beat:
    """Call once, if anybody is to be called; a failure is a problem for the report and no more."""
    if heartbeat is None or wanted is None:
        return NO_BEAT
    seconds = min(TIMEOUT, deadline.less(RESERVE).left())
    if seconds < SHORTEST:
        return Beat("heartbeat: not called, the check's time ran out")
    # Gathered, so that a bug in Headroom does not undo a check that is done.
    (outcome,) = await asyncio.gather(heartbeat.beat(wanted.url, seconds), return_exceptions=True)
    if isinstance(outcome, DeliveryFailure):
        return Beat(f"heartbeat: {outcome.reason}")
    if isinstance(outcome, Exception):
        return Beat(bug=outcome)
    if isinstance(outcome, BaseException):
        raise outcome
    return NO_BEAT
