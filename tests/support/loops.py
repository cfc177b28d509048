"""An event loop without threads, for tests whose threads would cost more than what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")


class ThreadlessLoop(asyncio.SelectorEventLoop):
    """Runs at once what would go into a thread.

    A store on this machine answers in less time than it takes to start and end a thread.
    """

    def run_in_executor(
        self, _executor: Executor | None, func: Callable[..., Any], *args: object
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 (whoever waits for it gets it)
            future.set_exception(error)
        return future


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run it to its end."""
    with asyncio.Runner(loop_factory=ThreadlessLoop) as runner:
        return runner.run(work)
