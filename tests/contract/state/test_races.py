"""What every store promises while many write at once (DESIGN sections 5.2 and 6)."""

from __future__ import annotations

import multiprocessing
from asyncio import run
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat

import pytest

from headroom.domain.windows import WINDOW
from headroom.errors import LostRace
from tests.builders import T0, document, watermark
from tests.contract.state.racing import (
    PROJECT,
    count_up,
    count_up_in,
    interfere,
    owe_all,
    record_all,
)
from tests.contract.state.stores import Sqlite, Store

WRITERS = 8


@pytest.fixture
def threads() -> Executor:
    return ThreadPoolExecutor(WRITERS)


def test_no_commit_is_lost_among_threads(store: Store, threads: Executor) -> None:
    with threads:
        list(threads.map(count_up, repeat(store.state, WRITERS), repeat(3)))

    found = run(store.state.read(PROJECT))
    assert found == document(next_seq=3 * WRITERS, version=3 * WRITERS)


def test_no_commit_is_lost_among_processes(sqlite: Sqlite) -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as processes:
        list(processes.map(count_up_in, repeat(sqlite.path, 3), repeat(20)))

    assert run(sqlite.state.read(PROJECT)) == document(next_seq=60, version=60)


def test_of_many_commits_from_one_version_exactly_one_wins(store: Store, threads: Executor) -> None:
    read = run(store.state.commit(document()))

    def commit(writer: int) -> bool:
        try:
            run(store.state.commit(replace(read, config_version=writer)))
        except LostRace:
            return False
        return True

    with threads:
        won = [writer for writer, it in enumerate(threads.map(commit, range(WRITERS))) if it]

    assert [run(store.state.read(PROJECT))] == [
        document(version=2, config_version=writer) for writer in won
    ]


def test_deliveries_side_by_side_are_all_recorded_and_none_comes_back(
    store: Store, threads: Executor
) -> None:
    """Whatever other checks commit meanwhile."""
    channels = ("ops-slack", "on-call", "mail")
    owe_all(store.state, *channels)

    with threads:
        others = [threads.submit(interfere, store.state, 8) for _ in range(2)]
        recorded = list(threads.map(record_all, repeat(store.state), channels))

    found = run(store.state.read(PROJECT))
    assert all(all(one) for one in recorded)
    assert found is not None
    assert found.outbox == {}
    lost = sum(other.result() for other in others)
    assert found.version == 1 + 3 * 8 + 2 * 8 - lost


def test_a_watermark_moved_by_many_never_goes_back(store: Store, threads: Executor) -> None:
    run(store.state.move(watermark()))

    def move(writer: int) -> bool:
        return run(store.state.move(watermark(window=T0 + writer * WINDOW, version=1)))

    with threads:
        moved = [writer for writer, it in enumerate(threads.map(move, range(WRITERS))) if it]

    assert [run(store.state.load()).watermark] == [
        watermark(window=T0 + writer * WINDOW, version=2) for writer in moved
    ]
