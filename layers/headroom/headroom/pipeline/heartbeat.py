"""The end of a complete check: the call to a service that raises an alarm without it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from headroom.config.models import HeartbeatModel
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.ports import Deadline, Heartbeat

TIMEOUT = 5.0
"""The most seconds for the call: such a service answers fast, and the next check calls again."""

SHORTEST = 2.0
"""With fewer seconds left there is no call: it would be cut off."""

RESERVE = 1.0
"""Seconds kept for the end of the check."""


@dataclass(frozen=True, slots=True)
class Beat:
    """How the call went; empty when it succeeded or none was configured."""

    problem: str = ""
    bug: BaseException | None = None


NO_BEAT = Beat()


async def beat(
    heartbeat: Heartbeat | None, wanted: HeartbeatModel | None, deadline: Deadline
) -> Beat:
    """Call once, if a heartbeat is configured; a failure is a problem in the report, no more."""
    if heartbeat is None or wanted is None:
        return NO_BEAT
    seconds = min(TIMEOUT, deadline.less(RESERVE).left())
    if seconds < SHORTEST:
        return Beat("heartbeat: not called, the check's time ran out")
    # Gathered, so that a bug in Headroom does not undo a check that is done.
    (outcome,) = await asyncio.gather(heartbeat.beat(wanted.url, seconds), return_exceptions=True)
    if isinstance(outcome, DeliveryFailure):
        return Beat(f"heartbeat: {outcome.detail}")
    if isinstance(outcome, Exception):
        return Beat(bug=outcome)
    if isinstance(outcome, BaseException):
        raise outcome
    return NO_BEAT
