"""At most so many jobs at once, the oldest first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Outcome = TypeVar("Outcome")
Job = Callable[[], Coroutine[Any, Any, Outcome]]


class Workers(Generic[Outcome]):
    """Starts workers as jobs come, up to `most`; an idle worker ends."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._waiting: deque[tuple[Job[Outcome], asyncio.Future[Outcome]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def do(self, job: Job[Outcome]) -> Outcome:
        """Run the job when its turn comes; returns and raises what it does."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((job, outcome))
        if self._free:
            self._free -= 1
            task = loop.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await outcome

    async def stop(self) -> None:
        """Stop every worker and cancel the jobs that still wait."""
        while self._waiting:
            self._waiting.popleft()[1].cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        try:
            while self._waiting:
                job, outcome = self._waiting.popleft()
                if not outcome.cancelled():  # the caller may have gone
                    await _run(job, outcome)
        finally:
            self._free += 1


async def _run(job: Job[Outcome], outcome: asyncio.Future[Outcome]) -> None:
    try:
        result = await job()
    except asyncio.CancelledError:
        outcome.cancel()
        raise
    except BaseException as error:  # noqa: BLE001  (not swallowed: raised in the caller)
        if not outcome.done():
            outcome.set_exception(error)
    else:
        if not outcome.done():
            outcome.set_result(result)
