"""Everything that a laptop stores, in one SQLite file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from headroom.domain.windows import Instant
from headroom.ports import Stores
from headroom.state.sqlite import SqliteDeadLetters, SqliteState
from headroom.state.sqlite_baselines import SqliteBaselines


def sqlite_stores(path: Path, clock: Callable[[], Instant]) -> Stores:
    """The stores of one file, which is made at first use."""
    return Stores(
        SqliteState(path, clock=clock),
        SqliteBaselines(path, clock=clock),
        SqliteDeadLetters(path, clock=clock),
    )
