"""Invocations of the function that may die at any step: from then on they have no effect."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from typing import Any

INVOCATION: ContextVar[Invocation] = ContextVar("INVOCATION")
"""The invocation that the running code belongs to."""


class Invocation:
    """One invocation of the function: one check, from its start to its end or its death."""

    def __init__(self, check: int, at: int, deadline: float) -> None:
        self.check = check
        self.at = at
        self.deadline = deadline
        self.died = ""
        """The reason; '' while it lives."""
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._steps: Counter[str] = Counter()

    def own(self, task: asyncio.Task[Any]) -> None:
        """Let this task die with the invocation."""
        self._tasks[task] = None
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def die(self, of: str) -> None:
        """Stop here."""
        if not self.died:
            self.died = of
            for task in list(self._tasks):
                task.cancel()

    def step(self, operation: str) -> int:
        """How many of this operation the check did before."""
        self._steps[operation] += 1
        return self._steps[operation] - 1


def make_task(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
    /,
    **options: Any,  # noqa: ANN401  # whatever this Python passes on to a task
) -> asyncio.Task[Any]:
    """Make each task part of the invocation that makes it: a loop's task factory."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
    invocation = INVOCATION.get(None)
    if invocation is not None:
        invocation.own(task)
    return task
