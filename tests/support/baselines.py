"""Baselines in memory, for tests that make none: the port without a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import Instant


@dataclass
class FakeBaselines:
    """What a test puts into `stored` is read; `asked` has the keys of each read."""

    stored: dict[BaselineKey, Baseline | Unread] = field(default_factory=dict)
    asked: list[list[BaselineKey]] = field(default_factory=list)
    error: Exception | None = None
    """What the next reads raise."""

    async def read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        self.asked.append(list(keys))
        if self.error is not None:
            raise self.error
        return {key: self.stored[key] for key in keys if key in self.stored}

    async def times(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Times]:
        found = {key: self.stored.get(key) for key in keys}
        return {key: Times(made=b.made) for key, b in found.items() if isinstance(b, Baseline)}

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        self.stored[key] = baseline
        return ()

    async def failed(self, key: BaselineKey, at: Instant) -> None:
        raise AssertionError(f"nobody makes baselines here ({key}, {at})")

    async def history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        raise AssertionError(f"nobody makes baselines here ({project}, {since})")
