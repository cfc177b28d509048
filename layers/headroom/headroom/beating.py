"""The end of a complete check: whoever waits outside for a sign of life gets one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from headroom.config.models import HeartbeatModel
from headroom.errors import DeliveryError
from headroom.ports import Heartbeat
from headroom.report import Report

TIMEOUT = 5.0
"""Seconds for the call at most: the address is to be quick, and the next check calls again."""

SHORTEST = 2.0
"""Seconds below which there is no call: it would be cut off."""

RESERVE = 1.0
"""Seconds that are kept for the check's own end."""


async def beat(
    heartbeat: Heartbeat | None,
    wanted: HeartbeatModel | None,
    remaining: Callable[[], float],
    report: Report,
) -> None:
    """Call once, if anybody is to be called; a failure is a problem of the report's and no more."""
    if heartbeat is None or wanted is None:
        return
    seconds = min(TIMEOUT, remaining() - RESERVE)
    if seconds < SHORTEST:
        report.problems.append("heartbeat: not called, the check's time ran out")
        return
    # Gathered, so that a slip of ours does not undo a check that is done.
    (outcome,) = await asyncio.gather(heartbeat.beat(wanted.url, seconds), return_exceptions=True)
    if isinstance(outcome, DeliveryError):
        report.problems.append(f"heartbeat: {outcome.reason}")
    elif isinstance(outcome, Exception):
        report.bugs.append(outcome)
    elif isinstance(outcome, BaseException):
        raise outcome
