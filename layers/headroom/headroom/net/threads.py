"""Threads for clients that block; each kind of call has its own, so that none waits for another.

Cancelling the caller does not end the call: its thread stays busy until the client's own time-outs
end it. So those must be shorter than the caller's wait, and there must be more threads than calls
that may hang at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """At most so many threads, made as calls come; further calls wait their turn."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._executor: ThreadPoolExecutor | None = None

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the call on a thread; returns and raises what it does."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._most, f"headroom-{self._name}")
        loop = asyncio.get_running_loop()
        job = partial(copy_context().run, call, *args, **kwargs)  # as asyncio.to_thread does
        return await loop.run_in_executor(self._executor, job)

    async def close(self) -> None:
        """Start nothing more and wait for nothing: a hanging call ends by its own time-outs."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)
