"""A store that cannot write one document."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.domain.notices import Notice
from headroom.errors import StateUnavailable
from headroom.state.document import Document
from headroom.state.sqlite import SqliteState
from tests.unit.pipeline.world import World


class Losing(SqliteState):
    """`lost`: the name of the document."""

    lost = ""

    async def commit(self, document: Document, history: Sequence[Notice] = ()) -> Document:
        if document.project == self.lost:
            raise StateUnavailable("gone")
        return await super().commit(document, history)


def losing(world: World) -> Losing:
    """Put one under the world."""
    made = Losing(world.path, clock=lambda: world.now)
    world.state = made
    return made
