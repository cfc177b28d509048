"""A PolyAI that is too slow for whole checks, and well again: real connections, real time-outs."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from headroom.check import check
from headroom.pipeline.fetch import RESERVE
from headroom.pipeline.report import Report
from headroom.polyai.client import PolyAI
from headroom.polyai.connection import CONNECTIONS
from headroom.ports import Deadline
from tests.builders import T0, project
from tests.support.http_server import serving
from tests.support.world import World
from tests.unit.polyai.wire import client_of, honest

PROJECTS = [project(name=f"line-{number:02}") for number in range(3 * CONNECTIONS)]
SLOW_CHECKS = 8
FETCHING, PLENTY = 0.55, 8.0
"""Seconds for requests in a check while PolyAI is slow, and while it is well."""
AROUND_THE_END = (-0.006, -0.001)
"""When a slow answer comes: seconds from the end of the time for it. What is cut off is cut off
at every point then, most of all while the answer is being closed."""


@dataclass
class Slow:
    """Answers when the check's time for requests is over, or nearly."""

    ends: float = 0.0
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311

    async def answer(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.ends + self.dice.uniform(*AROUND_THE_END) - time.monotonic())
        await honest(writer)


async def run(world: World, polyai: PolyAI, minute: int, seconds: float, slow: Slow) -> Report:
    slow.ends = time.monotonic() + seconds
    world.now = T0 + 60 * minute
    ports = replace(world.ports(), readings=polyai)
    report = await check(ports, world.now, Deadline(lambda: slow.ends + RESERVE - time.monotonic()))
    report.raise_bugs()
    return report


def test_once_a_slow_polyai_is_well_the_next_check_reaches_every_project(tmp_path: Path) -> None:
    world = World(tmp_path, *PROJECTS)

    async def scenario() -> None:
        slow = Slow()
        async with serving(slow.answer) as server, client_of(server.url) as polyai:
            for minute in range(SLOW_CHECKS):
                report = await run(world, polyai, minute, FETCHING, slow)
                assert report.unreachable
            server.answer = honest
            report = await run(world, polyai, SLOW_CHECKS, PLENTY, slow)
            assert report.unreachable == {}
            assert report.checked == len(PROJECTS)
            assert report.duration_seconds < PLENTY

    asyncio.run(scenario())
