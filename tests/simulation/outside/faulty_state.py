"""The store's port in the simulated world: every call may fail on the way there and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.errors import LostRace, StateUnavailable
from headroom.ports import State
from tests.simulation.outside.fault_injector import FaultInjector


class FaultyState:
    """A `State` whose calls may fail on the way there and back; `inner` is the real adapter."""

    def __init__(self, inner: State, faults: FaultInjector) -> None:
        self._inner = inner
        self._faults = faults

    async def load(self) -> Loaded:
        self._faults.log.loads()
        loaded = await self._faults.step("load", "", self._inner.load, _unavailable)
        documents = loaded.documents.values()
        seen = " ".join(f"{each.project}={each.version}" for each in documents)
        self._faults.log.add("loaded", "", f"{seen} {_mark(loaded.watermark)}")
        return loaded

    async def read(self, project: str) -> ProjectState | None:
        ask = partial(self._inner.read, project)
        return await self._faults.step("read", project, ask, _unavailable)

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        ask = partial(self._inner.commit, document, history)
        try:
            return await self._faults.step("commit", document.project, ask, _unavailable)
        except (LostRace, StateUnavailable):
            self._faults.log.unstored(document.project)
            raise

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        ask = partial(
            self._inner.record, project, notice_id, channel, token=token, delivery=delivery
        )
        return await self._faults.step("record", project, ask, _unavailable)

    async def move(self, watermark: Watermark) -> bool:
        ask = partial(self._inner.move, watermark)
        moved = await self._faults.step("move", "", ask, _unavailable)
        self._faults.log.add("moved" if moved else "not moved", "", _mark(watermark))
        return moved


def _unavailable(kind: str) -> Exception:
    return StateUnavailable(f"the store: {kind}")


def _mark(watermark: Watermark | None) -> str:
    if watermark is None:
        return "no watermark"
    return f"watermark {watermark.window} of {'+'.join(watermark.projects)}"
