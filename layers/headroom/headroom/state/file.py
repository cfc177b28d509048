"""The SQLite file: made on first use, one write transaction at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from headroom.errors import StateUnavailable

PATIENCE = 5.0
"""Seconds to wait for another process's transaction."""

_IN_TURN = threading.Lock()
"""Between the threads of this process: SQLite's own waiting has no order, and may starve one."""

TABLES = (
    "documents (project TEXT PRIMARY KEY, version INTEGER, expires_at INTEGER, body TEXT)",
    "watermarks (shard TEXT PRIMARY KEY, body TEXT)",
    "history (project TEXT, at INTEGER, id TEXT, notice TEXT, expires_at INTEGER)",
    "dead_letters (at INTEGER, letter TEXT)",
)


@contextmanager
def transaction(path: Path, operation: str) -> Iterator[sqlite3.Connection]:
    """One transaction that holds whole or not at all, alone from its beginning to its end.

    Its connection is its own, so that threads and processes are the same to it. The journal is the
    ordinary one: readers are alone here too, and switching a new file to WAL does not wait its turn
    (https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode). Raises
    StateUnavailable when the file cannot be used.
    """
    try:
        path.touch(mode=0o600)
        with (
            _IN_TURN,
            closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as rows,
            rows,
        ):
            rows.execute("BEGIN IMMEDIATE")
            for table in TABLES:
                rows.execute(f"CREATE TABLE IF NOT EXISTS {table}")
            yield rows
    except (sqlite3.Error, OSError) as error:
        raise StateUnavailable(f"SQLite {operation} on {path}: {error}") from error
