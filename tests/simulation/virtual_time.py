"""Virtual time: an event loop whose clock jumps to the next timer, and threads that take turns.

Nothing runs beside anything else: a function in a thread runs while the loop waits for it, and
hands back when it pauses. So the same scenario always runs the same way.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any


class Deadlock(RuntimeError):
    """All tasks wait, and no timer is set."""


class Frozen(BaseException):
    """The invocation is dead: nothing of it runs on, not even clean-up."""


class _Jump(selectors.SelectSelector):
    """Waits for nothing: the time passes at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock("all tasks wait for one another")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        self._clock_resolution = 1e-6
        self._idle: list[_Worker] = []
        self.paused = 0
        """Functions in threads that wait for a later time."""

    def time(self) -> float:
        return self._jump.now

    def run_in_executor(
        self, _executor: Executor | None, func: Callable[..., Any], *args: object
    ) -> asyncio.Future[Any]:
        """Run it in a thread of ours until it pauses or ends."""
        future: asyncio.Future[Any] = self.create_future()
        worker = self._idle.pop() if self._idle else _Worker()
        worker.job = lambda: func(*args)
        self._take_turn(worker, future)
        return future

    def _go_on(self, worker: _Worker, future: asyncio.Future[Any]) -> None:
        self.paused -= 1
        self._take_turn(worker, future)

    def _take_turn(self, worker: _Worker, future: asyncio.Future[Any]) -> None:
        outcome = worker.turn()
        if isinstance(outcome, _Paused):
            self.paused += 1
            self.call_later(outcome.seconds, self._go_on, worker, future)
            return
        self._idle.append(worker)
        if future.cancelled():
            return
        if isinstance(outcome, Frozen | asyncio.CancelledError):
            future.cancel()
        elif isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome[0])

    def close(self) -> None:
        for worker in self._idle:
            worker.end()
        super().close()


@dataclass(frozen=True, slots=True)
class _Paused:
    seconds: float


class _Worker:
    """One thread that runs only while somebody waits in `turn`."""

    _mine = threading.local()

    def __init__(self) -> None:
        self.job: Callable[[], Any] | None = None
        self._outcome: tuple[Any] | BaseException | _Paused = _Paused(0)
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()

    @classmethod
    def here(cls) -> _Worker:
        """The one that this thread is."""
        worker: _Worker = cls._mine.worker
        return worker

    def turn(self) -> tuple[Any] | BaseException | _Paused:
        """Let it run until it pauses or ends."""
        self._go.release()
        self._back.acquire()
        return self._outcome

    def pause(self, seconds: float) -> None:
        """Let virtual time pass; called by what runs in the thread."""
        self._outcome = _Paused(seconds)
        self._back.release()
        self._go.acquire()

    def end(self) -> None:
        """Let the thread come to its end."""
        self.job = None
        self._go.release()
        self._thread.join()

    def _main(self) -> None:
        self._mine.worker = self
        while self._go.acquire() and self.job is not None:
            try:
                self._outcome = (self.job(),)
            except BaseException as error:  # noqa: BLE001  # handed to who waits for it
                self._outcome = error
            self._back.release()


def pause(seconds: float) -> None:
    """Let virtual time pass, from within a function in a thread."""
    _Worker.here().pause(seconds)
