"""Signals that end a command: `watch` finishes its check, `redrive` hands its messages back."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from headroom.ports import Deadline

Handler = Callable[[int, FrameType | None], None]
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 5.0
"""Seconds that a check may continue after a signal: it starts nothing longer and records its sends.

Supervisors kill after 10 seconds or more: https://docs.docker.com/reference/cli/docker/container/stop/
"""


class Stop:
    """Remembers a signal to end, and raises KeyboardInterrupt as soon as the command is idle.

    A second signal raises it during a check too, which then ends as after a crash.
    """

    def __init__(self) -> None:
        self._asked: float | None = None
        self._idle = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals in this block. Main thread only."""
        with _handled(ENDS, self._ask):
            yield

    @contextmanager
    def idle(self) -> Iterator[None]:
        """A block without work: a signal, including an earlier one, ends it at once."""
        self._idle = True
        try:
            if self._asked is not None:
                raise KeyboardInterrupt
            yield
        finally:
            self._idle = False

    def within(self, deadline: Deadline) -> Deadline:
        """Return a check's deadline, at most `GRACE` after a signal."""
        return Deadline(lambda: min(deadline.left(), self._left()))

    def _left(self) -> float:
        return math.inf if self._asked is None else self._asked + GRACE - time.monotonic()

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (a signal handler)
        if self._idle or self._asked is not None:
            raise KeyboardInterrupt
        self._asked = time.monotonic()


@contextmanager
def as_ctrl_c() -> Iterator[None]:
    """Treat SIGTERM and SIGHUP like Ctrl-C, except those that are ignored. Main thread only."""
    with _handled((signal.SIGTERM, signal.SIGHUP), _interrupt):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Call the handler for Ctrl-C: an event loop has its own, which cancels its tasks in order."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    if not callable(ctrl_c):  # the shell ignores it, as for a job in the background
        raise KeyboardInterrupt
    ctrl_c(number, frame)


@contextmanager
def _handled(numbers: Iterable[signal.Signals], handler: Handler) -> Iterator[None]:
    """Handle these signals in the block. What nohup or the shell ignores stays ignored."""
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        for number, was in before.items():
            if was is not signal.SIG_IGN:
                signal.signal(number, handler)
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was)
