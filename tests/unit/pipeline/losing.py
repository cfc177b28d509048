"""A store that cannot write one document, or that somebody else writes first."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.errors import LostRace, StateUnavailable
from headroom.state.sqlite import SqliteState
from tests.support.world import World


class Losing(SqliteState):
    """`lost`: the name of the document; `races`: which commits of a project somebody overtakes."""

    lost = ""
    races: tuple[str, range] = ("", range(0))
    commits = 0

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        if document.project == self.lost:
            raise StateUnavailable("gone")
        name, overtaken = self.races
        if document.project == name:
            self.commits += 1
            if self.commits in overtaken:
                raise LostRace(name)
        return await super().commit(document, history)


def losing(world: World) -> Losing:
    """Put one under the world."""
    made = Losing(world.path, clock=lambda: world.now)
    world.state = made
    return made
