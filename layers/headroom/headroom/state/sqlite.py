"""State in one SQLite file, on a laptop: the same promises across threads and processes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.domain.windows import Instant
from headroom.errors import LostRace, StateUnavailable
from headroom.state import codec

LINGER = 24 * 3600
"""Seconds that an expired document stays: DynamoDB deletes some time after expiry, never at it."""

SHARD = "1/0"
"""There is one shard: the number of shards, and the first of them."""


class SqliteState:
    """A `State` in one file, created at first use, which only its owner can read."""

    def __init__(self, path: Path, *, clock: Callable[[], Instant]) -> None:
        self._path = path
        self._clock = clock

    async def load(self) -> Loaded:
        """See the port."""
        return await asyncio.to_thread(self._load)

    async def read(self, project: str) -> ProjectState | None:
        """See the port."""
        return await asyncio.to_thread(self._read, project)

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        """See the port."""
        return await asyncio.to_thread(self._commit, document, history)

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        """See the port."""
        return await asyncio.to_thread(self._record, project, notice_id, channel, token, delivery)

    async def move(self, watermark: Watermark) -> bool:
        """See the port."""
        return await asyncio.to_thread(self._move, watermark)

    def _load(self) -> Loaded:
        with transaction(self._path, "load") as rows:
            self._purge(rows)
            stored = rows.execute("SELECT * FROM documents").fetchall()
            watermark = _watermark(rows)
        read = {row[0]: partial(_document, *row) for row in stored}
        documents, unreadable = codec.sorted_out(read)
        return Loaded(documents, watermark, unreadable)

    def _read(self, project: str) -> ProjectState | None:
        with transaction(self._path, "read") as rows:
            return _read(rows, project)

    def _commit(self, document: ProjectState, history: Sequence[Notice]) -> ProjectState:
        stored = codec.following(document)
        with transaction(self._path, "commit") as rows:
            if document.version != _version(rows, document.project):
                raise LostRace(f"project {document.project!r} was changed")
            _write(rows, stored)
            self._keep(rows, history)
        return stored

    def _record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        with transaction(self._path, "record") as rows:
            document = _read(rows, project)
            pending = document.outbox.get(notice_id) if document else None
            before = pending.deliveries.get(channel) if pending else None
            if not (document and pending and before and token) or before.lease != token:
                return False
            others = {name: one for name, one in pending.deliveries.items() if name != channel}
            after = others if delivery is None else others | {channel: delivery}
            outbox = document.outbox | {notice_id: replace(pending, deliveries=after)}
            _write(rows, replace(document, version=document.version + 1, outbox=outbox))
        return True

    def _move(self, watermark: Watermark) -> bool:
        with transaction(self._path, "move") as rows:
            there = _watermark(rows) or Watermark(window=watermark.window)
            if watermark.version != there.version or watermark.window < there.window:
                return False
            moved = codec.dump_watermark(replace(watermark, version=watermark.version + 1))
            rows.execute("INSERT OR REPLACE INTO watermarks VALUES (?, ?)", (SHARD, moved))
        return True

    def _keep(self, rows: Connection, history: Sequence[Notice]) -> None:
        until = self._clock() + codec.HISTORY_KEPT
        rows.executemany(
            "INSERT INTO history VALUES (?, ?, ?, ?, ?)",
            [(n.project, n.at, n.id, codec.text(n.as_json()), until) for n in history],
        )

    def _purge(self, rows: Connection) -> None:
        now = self._clock()
        rows.execute("DELETE FROM history WHERE expires_at < ?", (now,))
        rows.execute("DELETE FROM documents WHERE expires_at < ?", (now - LINGER,))


class SqliteDeadLetters:
    """A `DeadLetters` in the same file."""

    def __init__(self, path: Path, *, clock: Callable[[], Instant]) -> None:
        self._path = path
        self._clock = clock

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """See the port."""
        letter = json.dumps({"notice": notice, "channel": channel, "reason": reason})
        await asyncio.to_thread(self._put, letter)

    def _put(self, letter: str) -> None:
        with transaction(self._path, "put of a dead letter") as rows:
            rows.execute("INSERT INTO dead_letters VALUES (?, ?)", (self._clock(), letter))


def dead_letters(path: Path, *, since: Instant) -> list[tuple[str, str]]:
    """Channel and reason of each notice that was given up since then. Raises StateUnavailable."""
    with transaction(path, "look at the dead letters") as rows:
        found = rows.execute("SELECT letter FROM dead_letters WHERE at >= ?", (since,)).fetchall()
    letters = [json.loads(letter) for (letter,) in found]
    return [(each["channel"], each["reason"]) for each in letters]


def _read(rows: Connection, project: str) -> ProjectState | None:
    found = rows.execute("SELECT * FROM documents WHERE project = ?", (project,)).fetchone()
    return _document(*found) if found else None


def _version(rows: Connection, project: str) -> int:
    query = "SELECT version FROM documents WHERE project = ?"
    found: tuple[int] | None = rows.execute(query, (project,)).fetchone()
    return found[0] if found else 0


def _document(project: str, version: int, expires_at: Instant | None, body: str) -> ProjectState:
    with codec.understood(f"document of project {project!r}"):
        return codec.parse(json.loads(body), version=version, expires_at=expires_at)


def _write(rows: Connection, document: ProjectState) -> None:
    body = codec.text(codec.dump(document))
    rows.execute(
        "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)",
        (document.project, document.version, document.expires_at, body),
    )


def _watermark(rows: Connection) -> Watermark | None:
    query = "SELECT body FROM watermarks WHERE shard = ?"
    found: tuple[str] | None = rows.execute(query, (SHARD,)).fetchone()
    with codec.understood("watermark"):
        return codec.parse_watermark(found[0]) if found else None


LOCK_TIMEOUT = 5.0
"""Seconds to wait for another process's transaction."""

_ONE_AT_A_TIME = threading.Lock()
"""Orders the threads of this process: SQLite's own waiting has no order, and may starve one."""

TABLES = (
    "documents (project TEXT PRIMARY KEY, version INTEGER, expires_at INTEGER, body TEXT)",
    "watermarks (shard TEXT PRIMARY KEY, body TEXT)",
    "history (project TEXT, at INTEGER, id TEXT, notice TEXT, expires_at INTEGER)",
    "dead_letters (at INTEGER, letter TEXT)",
    """baselines (
        project TEXT, query TEXT, line TEXT, format INTEGER, made INTEGER, tried INTEGER,
        wanted INTEGER, body BLOB, expires_at INTEGER, PRIMARY KEY (project, query)
    )""",
)


@contextmanager
def transaction(path: Path, operation: str) -> Iterator[sqlite3.Connection]:
    """Run one transaction, alone from its beginning to its end; it is stored whole or not at all.

    Each has a connection of its own, so that threads and processes are treated alike. The journal
    is not WAL: that would not help, as readers are alone here too, and the switch of a new file to
    WAL does not wait for other processes
    (https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).

    Raises StateUnavailable when the file cannot be used.
    """
    try:
        path.touch(mode=0o600)
        with (
            _ONE_AT_A_TIME,
            closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT, isolation_level=None)) as rows,
            rows,
        ):
            rows.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                rows.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            yield rows
    except (sqlite3.Error, OSError) as error:
        raise StateUnavailable(f"SQLite {operation} on {path}: {error}") from error
