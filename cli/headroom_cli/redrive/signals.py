"""A redrive that is ended from outside ends as at Ctrl-C, so that it hands its messages back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def as_ctrl_c() -> Iterator[None]:
    """Take SIGTERM and SIGHUP as Ctrl-C; for the main thread. What nohup ignores stays ignored."""
    before = {number: signal.getsignal(number) for number in ENDS}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, _end)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: FrameType | None) -> None:
    """An event loop has a handler of its own for Ctrl-C, which ends its tasks in order."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    if not callable(ctrl_c):  # the shell ignores it, as for a job in the background
        raise KeyboardInterrupt
    ctrl_c(number, frame)
