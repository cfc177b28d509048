from __future__ import annotations

import asyncio
from functools import partial

import pytest

from headroom.polyai.pool import Workers


def test_jobs_beyond_the_workers_are_done_in_the_order_they_came() -> None:
    async def scenario() -> None:
        workers: Workers[int] = Workers(2)
        done: list[int] = []

        async def job(place: int) -> int:
            await asyncio.sleep(0)
            done.append(place)
            return place

        found = await asyncio.gather(*(workers.do(partial(job, place)) for place in range(6)))
        assert done == found == list(range(6))

    asyncio.run(scenario())


def test_a_jobs_exception_reaches_who_asked_and_the_worker_goes_on() -> None:
    async def scenario() -> None:
        workers: Workers[int] = Workers(1)

        async def broken() -> int:
            raise ZeroDivisionError

        async def sound() -> int:
            return 0

        first, second = await asyncio.gather(
            workers.do(broken), workers.do(sound), return_exceptions=True
        )
        assert isinstance(first, ZeroDivisionError)
        assert second == 0

    asyncio.run(scenario())


def test_a_job_whose_asker_has_gone_is_not_begun() -> None:
    async def scenario() -> None:
        workers: Workers[int] = Workers(1)
        gate, begun = asyncio.Event(), []

        async def slow() -> int:
            await gate.wait()
            return 0

        async def late() -> int:
            begun.append(0)
            return 0

        asked = asyncio.create_task(workers.do(slow))
        gone = asyncio.create_task(workers.do(late))
        await asyncio.sleep(0)
        gone.cancel()
        gate.set()
        assert await asked == 0
        assert await workers.do(slow) == 0
        assert begun == []

    asyncio.run(scenario())


def test_stopping_lets_go_of_those_at_work_and_those_that_wait() -> None:
    async def scenario() -> None:
        workers: Workers[int] = Workers(1)

        async def forever() -> int:
            await asyncio.Event().wait()
            return 0

        asked = [asyncio.create_task(workers.do(forever)) for _ in range(3)]
        await asyncio.sleep(0)
        await workers.stop()
        for task in asked:
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(scenario())
