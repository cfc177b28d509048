"""Ending `watch`: by Ctrl-C, SIGTERM and SIGHUP, at once between two checks, and soon in one."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 5.0
"""Seconds that a check may go on: it starts nothing that needs longer, and records what it sent.

Supervisors kill after 10 seconds or more: https://docs.docker.com/reference/cli/docker/container/stop/
"""


class Stop:
    """Whether the command was asked to end. Once asked, it raises KeyboardInterrupt when idle.

    A second signal raises it in the middle of a check too, which then ends like after a crash.
    """

    def __init__(self) -> None:
        self._asked: float | None = None
        self._idle = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals; for the main thread. What nohup or the shell ignores stays ignored."""
        before = {number: signal.getsignal(number) for number in ENDS}
        try:
            for number, handler in before.items():
                if handler is not signal.SIG_IGN:
                    signal.signal(number, self._ask)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Nothing is being done in this block: a signal, also an earlier one, ends it at once."""
        self._idle = True
        try:
            if self._asked is not None:
                raise KeyboardInterrupt
            yield
        finally:
            self._idle = False

    def within(self, remaining: Callable[[], float]) -> Callable[[], float]:
        """The seconds that are left for a check, few once the end is asked for."""
        return lambda: min(remaining(), self._left())

    def _left(self) -> float:
        return math.inf if self._asked is None else self._asked + GRACE - time.monotonic()

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (a signal handler)
        if self._idle or self._asked is not None:
            raise KeyboardInterrupt
        self._asked = time.monotonic()
