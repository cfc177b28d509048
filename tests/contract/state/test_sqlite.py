"""What is SQLite's own: the file, what is purged from it, and what its errors become."""

from __future__ import annotations

import sqlite3
from asyncio import run
from contextlib import closing
from pathlib import Path

import pytest

from headroom.errors import StateUnavailable
from headroom.state.sqlite import LINGER, SqliteState
from tests.builders import document, notice
from tests.contract.state.stores import Clock, Sqlite

DAY = 24 * 3600


def test_the_file_is_for_its_owner_alone(sqlite: Sqlite) -> None:
    run(sqlite.state.load())

    assert sqlite.path.stat().st_mode & 0o777 == 0o600


def test_a_document_long_expired_is_purged(sqlite: Sqlite) -> None:
    run(sqlite.state.commit(document(expires_at=sqlite.clock())))
    sqlite.clock.now += LINGER
    assert run(sqlite.state.load()).documents
    sqlite.clock.now += 1

    assert not run(sqlite.state.load()).documents
    assert run(sqlite.state.read("support-line")) is None


def test_a_document_that_does_not_expire_is_never_purged(sqlite: Sqlite) -> None:
    run(sqlite.state.commit(document()))
    sqlite.clock.now += 400 * DAY

    assert run(sqlite.state.load()).documents == {"support-line": document(version=1)}


def test_history_is_purged_after_its_90_days(sqlite: Sqlite) -> None:
    run(sqlite.state.commit(document(), [notice()]))
    sqlite.clock.now += 90 * DAY
    run(sqlite.state.load())
    assert sqlite.history("support-line")
    sqlite.clock.now += 1
    run(sqlite.state.load())

    assert not sqlite.history("support-line")


def test_a_commit_that_fails_on_its_history_stores_no_document_either(sqlite: Sqlite) -> None:
    run(sqlite.state.load())
    with closing(sqlite3.connect(sqlite.path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'full'); END"
        )

    with pytest.raises(StateUnavailable, match=r"SQLite commit on .*: full"):
        run(sqlite.state.commit(document(), [notice()]))

    assert run(sqlite.state.read("support-line")) is None


@pytest.mark.parametrize("body", ['{"watermark": ', '{"project": 7}', "[]"])
def test_an_invalid_row_is_named_and_stops_no_other(sqlite: Sqlite, body: str) -> None:
    run(sqlite.state.commit(document()))
    with closing(sqlite3.connect(sqlite.path)) as connection, connection:
        connection.execute("UPDATE documents SET body = ?", (body,))

    run(sqlite.state.commit(document(project="sales")))
    loaded = run(sqlite.state.load())
    assert "project 'support-line' is invalid" in loaded.unreadable["support-line"]
    assert set(loaded.documents) == {"sales"}


def test_a_file_that_is_no_database_is_reported_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked at " * 20)

    with pytest.raises(StateUnavailable, match=r"load on .*notes\.txt: file is not a database"):
        run(SqliteState(path, clock=Clock()).load())


def test_a_folder_that_does_not_exist_is_reported_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "headroom.db"

    with pytest.raises(StateUnavailable, match=r"commit on .*nowhere"):
        run(SqliteState(path, clock=Clock()).commit(document()))
