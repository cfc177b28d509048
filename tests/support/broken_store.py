"""A store that loses some of its operations, and time that is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from headroom.domain.notices import Notice
from headroom.domain.outbox import Owed
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.errors import LostRace, StateUnavailable
from headroom.state.sqlite import SqliteState
from tests.support.world import World

GONE = StateUnavailable("throttled")


class Broken(SqliteState):
    """A table that loses some of its operations."""

    lost: frozenset[str] = frozenset()

    async def load(self) -> Loaded:
        self.check("load")
        return await super().load()

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        if "race" in self.lost:
            raise LostRace(document.project)
        self.check("commit")
        return await super().commit(document, history)

    async def move(self, watermark: Watermark) -> bool:
        if "overtaken" in self.lost:
            return False
        self.check("move")
        return await super().move(watermark)

    async def record(
        self, project: str, notice_id: str, channel: str, *, token: str, owed: Owed | None
    ) -> bool:
        self.check("record")
        return await super().record(project, notice_id, channel, token=token, owed=owed)

    def check(self, operation: str) -> None:
        if operation in self.lost:
            raise GONE


def losing(operation: str) -> Callable[[World], None]:
    def lose(world: World) -> None:
        world.state = broken = Broken(world.path, clock=lambda: world.now)
        broken.lost = frozenset((operation,))

    return lose


def out_of_time(world: World) -> None:
    world.readings.limit = 0
