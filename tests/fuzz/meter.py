"""How many inputs each target was given, and how long the slowest of them took."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

LIMIT = 0.1
"""Seconds of this process's own time that one input may take."""
REPEATS = 4
"""Of an input that was slow: the machine, or the garbage collector, may have been the reason."""


@dataclass(slots=True)
class Meter:
    """One target's count."""

    tried: int = 0
    slowest: float = 0.0


METERS: dict[str, Meter] = {}
"""By target, in the order of their first input."""


def timed(target: str, call: Callable[[], T], limit: float = LIMIT) -> T:
    """What the call returns; fails when it takes longer than `limit`, however often it is tried."""
    meter = METERS.setdefault(target, Meter())
    meter.tried += 1
    if sys.gettrace():  # a debugger, or hypothesis explaining a failure: ten times as slow
        return call()
    taken, outcome = _once(call)
    for _ in range(REPEATS):
        if taken <= limit:
            break
        gc.collect()
        taken = min(taken, _once(call)[0])
    meter.slowest = max(meter.slowest, taken)
    assert taken <= limit, f"{target} took {taken * 1000:.0f} ms for one input"
    return outcome


def refusal(call: Callable[[], object], *kinds: type[Exception]) -> Exception | None:
    """What the call raises of these kinds, None when all is well; any other is a fault."""
    try:
        call()
    except kinds as error:
        return error
    return None


def table() -> list[str]:
    """A line for each target."""
    rows = (
        f"{name:24}{meter.tried:>10,} inputs   slowest {meter.slowest * 1000:>7.2f} ms"
        for name, meter in METERS.items()
    )
    total = sum(meter.tried for meter in METERS.values())
    return [*rows, f"{'in all':24}{total:>10,} inputs"]


def _once(call: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    outcome = call()
    return time.process_time() - began, outcome
