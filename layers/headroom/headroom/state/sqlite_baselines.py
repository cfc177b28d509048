"""Baselines in the SQLite file of a laptop, beside the projects' documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import Instant
from headroom.state.baseline_codec import FORMAT, KEPT, decode, encode
from headroom.state.sqlite import transaction

_READINGS = (
    "SELECT format, body FROM baselines "
    "WHERE project = ? AND query = ? AND ? IN (line, '') AND expires_at > ?"
)
_TIMES = (
    "SELECT format, made, tried, wanted FROM baselines "
    "WHERE project = ? AND query = ? AND ? IN (line, '') AND expires_at > ?"
)


class SqliteBaselines:
    """A `Baselines` in one file, the one of `SqliteState`."""

    def __init__(self, path: Path, *, clock: Callable[[], Instant]) -> None:
        self._path = path
        self._clock = clock

    async def read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        """See the port."""
        found = await asyncio.to_thread(self._rows, keys, _READINGS)
        return {key: decode(form, body) for key, (form, body) in found.items() if body is not None}

    async def times(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Times]:
        """See the port."""
        found = await asyncio.to_thread(self._rows, keys, _TIMES)
        return {
            key: Times(made if form <= FORMAT else 0, tried, wanted)
            for key, (form, made, tried, wanted) in found.items()
        }

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        """See the port."""
        encoded = encode(baseline)
        row = (*key, FORMAT, baseline.made, 0, 0, encoded.body, self._clock() + KEPT)
        await asyncio.to_thread(self._put, row)
        return encoded.no_room

    async def failed(self, key: BaselineKey, at: Instant) -> None:
        """See the port."""
        await asyncio.to_thread(self._failed, key, at)

    async def history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        return await asyncio.to_thread(self._history, project, since)

    def _rows(
        self, keys: Collection[BaselineKey], query: str
    ) -> dict[BaselineKey, tuple[Any, ...]]:
        now = self._clock()
        with transaction(self._path, "read of baselines") as rows:
            found = {key: rows.execute(query, (*key, now)).fetchone() for key in keys}
        return {key: row for key, row in found.items() if row is not None}

    def _put(self, row: Sequence[object]) -> None:
        with transaction(self._path, "store of a baseline") as rows:
            rows.execute("INSERT OR REPLACE INTO baselines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            rows.execute("DELETE FROM baselines WHERE expires_at <= ?", (self._clock(),))

    def _failed(self, key: BaselineKey, at: Instant) -> None:
        update = (
            "UPDATE baselines SET tried = ?, wanted = iif(wanted, wanted, ?) "
            "WHERE project = ? AND query = ? AND line = ?"
        )
        with transaction(self._path, "note on a baseline") as rows:
            there = rows.execute(update, (at, at, *key)).rowcount
        if not there:
            self._put((*key, 0, 0, at, at, None, self._clock() + KEPT))

    def _history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        query = "SELECT notice FROM history WHERE project = ? AND at >= ? ORDER BY at, id"
        with transaction(self._path, "read of the history") as rows:
            found = rows.execute(query, (project, since)).fetchall()
        return [json.loads(notice) for (notice,) in found]
