"""At most so many jobs at once, the oldest first.

Workers that go from job to job, and not a semaphore, so that each can keep a connection of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Outcome = TypeVar("Outcome")
Job = Callable[[int], Coroutine[Any, Any, Outcome]]
"""Takes the number of its worker, from 0 on; no two jobs have the same at once."""


class Workers(Generic[Outcome]):
    """Starts workers as jobs come, up to `most`; an idle worker ends."""

    def __init__(self, most: int) -> None:
        # The lowest number comes back first: few jobs use few connections.
        self._free = list(reversed(range(most)))
        self._waiting: deque[tuple[Job[Outcome], asyncio.Future[Outcome]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def do(self, job: Job[Outcome]) -> Outcome:
        """The job's outcome, after it had its turn; raises what the job raises."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((job, outcome))
        if self._free:
            task = loop.create_task(self._work(self._free.pop()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await outcome

    async def stop(self) -> None:
        """End every worker; whoever still waits is cancelled."""
        while self._waiting:
            self._waiting.popleft()[1].cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, number: int) -> None:
        try:
            while self._waiting:
                job, outcome = self._waiting.popleft()
                if not outcome.cancelled():  # who asked may have gone
                    await _hand_over(job, number, outcome)
        finally:
            self._free.append(number)


async def _hand_over(job: Job[Outcome], number: int, outcome: asyncio.Future[Outcome]) -> None:
    try:
        result = await job(number)
    except asyncio.CancelledError:
        outcome.cancel()
        raise
    except BaseException as error:  # noqa: BLE001  (not swallowed: raised where it was asked for)
        if not outcome.done():
            outcome.set_exception(error)
    else:
        if not outcome.done():
            outcome.set_result(result)
