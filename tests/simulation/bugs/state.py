"""Bugs to plant in a store's adapter, or around it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.errors import LostRace
from headroom.ports import State
from headroom.state import codec, items, sqlite


class Around:
    """An adapter, for bugs that change one of its calls."""

    def __init__(self, inner: State) -> None:
        self.inner = inner

    async def load(self) -> Loaded:
        return await self.inner.load()

    async def read(self, project: str) -> ProjectState | None:
        return await self.inner.read(project)

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        return await self.inner.commit(document, history)

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        return await self.inner.record(project, notice_id, channel, token=token, delivery=delivery)

    async def move(self, watermark: Watermark) -> bool:
        return await self.inner.move(watermark)


class SentBeforeStored(Around):
    """Answers that the document is stored, and stores it a moment later."""

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        async def later() -> None:
            await asyncio.sleep(3)
            await asyncio.gather(self.inner.commit(document, history), return_exceptions=True)

        self.last = asyncio.create_task(later())
        return codec.following(document)


class RaceIgnored(Around):
    """Overwrites what another check has stored meanwhile."""

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        try:
            return await self.inner.commit(document, history)
        except LostRace:
            there = await self.inner.read(document.project)
            version = there.version if there else 0
            return await self.inner.commit(replace(document, version=version), history)


def version_not_raised_on_record(patch: pytest.MonkeyPatch) -> None:
    change = items.change

    def same_version(*asked: Any) -> items.Item:  # noqa: ANN401
        made = change(*asked)
        made["ExpressionAttributeValues"][":one"] = items.number(0)
        return made

    def without_version(document: Any, **changes: Any) -> Any:  # noqa: ANN401
        changes.pop("version", None)
        return replace(document, **changes)

    patch.setattr(items, "change", same_version)
    patch.setattr(sqlite, "replace", without_version)
