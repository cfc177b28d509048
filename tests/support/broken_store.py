"""Stores that lose some operations, or that somebody else writes first; and time that is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.errors import LostRace, StateUnavailable
from headroom.state.sqlite import SqliteState
from tests.support.world import World

GONE = StateUnavailable("throttled")


class Broken(SqliteState):
    """A table that loses some of its operations."""

    lost: frozenset[str] = frozenset()
    unwritable = ""
    """The project whose document cannot be stored."""
    races: tuple[str, range] = ("", range(0))
    """Which commits of a project somebody else overtakes."""
    commits = 0
    """Of that project."""

    async def load(self) -> Loaded:
        self.check("load")
        return await super().load()

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        name, overtaken = self.races
        self.commits += document.project == name
        if "race" in self.lost or (document.project == name and self.commits in overtaken):
            raise LostRace(document.project)
        if document.project == self.unwritable:
            raise GONE
        self.check("commit")
        return await super().commit(document, history)

    async def move(self, watermark: Watermark) -> bool:
        if "overtaken" in self.lost:
            return False
        self.check("move")
        return await super().move(watermark)

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        self.check("record")
        return await super().record(project, notice_id, channel, token=token, delivery=delivery)

    def check(self, operation: str) -> None:
        if operation in self.lost:
            raise GONE


class Forgetful(SqliteState):
    """A table that takes no record of some channels; remembers whose it was asked to take."""

    def __init__(self, world: World, *channels: str) -> None:
        super().__init__(world.path, clock=lambda: world.now)
        self.channels = channels
        self.asked: list[str] = []
        self.failed = asyncio.Event()

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        self.asked.append(channel)
        if channel in self.channels:
            self.failed.set()
            raise GONE
        return await super().record(project, notice_id, channel, token=token, delivery=delivery)


def broken(world: World, *lost: str) -> Broken:
    """Put a store under the world that loses these operations."""
    world.state = made = Broken(world.path, clock=lambda: world.now)
    made.lost = frozenset(lost)
    return made


def losing(operation: str) -> Callable[[World], object]:
    return lambda world: broken(world, operation)


def out_of_time(world: World) -> None:
    world.readings.limit = 0
