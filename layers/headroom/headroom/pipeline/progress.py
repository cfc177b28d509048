"""What a check stores at its end, besides the projects: the watermark, and who accepts again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from headroom.domain.undeliverable import accepting
from headroom.domain.watermark import Reached, moved
from headroom.errors import LostRace, StateUnavailable
from headroom.pipeline.context import CheckContext
from headroom.pipeline.outcomes import ProjectOutcome, unfinished


@dataclass(frozen=True, slots=True)
class Stored:
    """How a write went."""

    problem: str = ""
    failed: bool = False
    """The store could not be written."""


async def move_watermark(
    context: CheckContext, configured: Sequence[str], outcomes: Collection[ProjectOutcome]
) -> Stored:
    """Move the shard's watermark, last of all that is stored."""
    mark, behind = context.loaded.watermark, unfinished(outcomes)
    # Not a project whose document cannot be read: it starts again once that is fixed.
    names = [name for name in configured if name not in context.loaded.unreadable]
    following = _following(context, names) & set(mark.projects if mark else ())
    waiting = bool(behind & following)
    reached = Reached(names, behind, waiting=waiting, complete=context.config.fresh)
    watermark = moved(mark, reached, context.moment)
    if watermark is None:
        return Stored()
    try:
        first = await context.ports.state.move(watermark)
    except StateUnavailable as error:
        return Stored(f"the watermark could not be moved: {error}", failed=True)
    return Stored("" if first else "another check moved the watermark first")


def _following(context: CheckContext, names: Sequence[str]) -> set[str]:
    """The projects that the shard's watermark speaks for.

    A project with nothing but pending notices may be quiet by the time it is loaded again.
    """
    documents = context.loaded.documents
    return {
        name for name in names if name not in documents or replace(documents[name], outbox={}).quiet
    }


async def remember_accepting(context: CheckContext, accepted: AbstractSet[str]) -> Stored:
    """Note in Headroom's own document which channels accept notices again: it ends their alert."""
    if not accepted & context.shared.refusing:
        return Stored()
    name = context.own_problems.document
    try:
        own = await context.ports.state.read(name)
        if own is not None:
            lost = accepting(own.refusals, accepted, context.moment.now)
            if lost != own.refusals:
                await context.ports.state.commit(replace(own, refusals=lost))
    except LostRace:
        pass  # a check after this one notes it at the next accepted notice
    except StateUnavailable as error:
        return Stored(f"{name}: {error}", failed=True)
    return Stored()
