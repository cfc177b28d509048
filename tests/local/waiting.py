"""Waiting for what happens by itself: the schedule's checks, and what they tell."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(what: str, happened: Callable[[], object], *, seconds: float) -> None:
    """Look again and again. Raises AssertionError that says what did not happen."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.5)
