"""What every store promises while many write at once (DESIGN sections 5.2 and 6).

`writers` and `rounds` are the folder's: `make e2e` runs these for long, on MiniStack.
"""

from __future__ import annotations

import multiprocessing
from asyncio import run
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from itertools import count, repeat

from headroom.domain.windows import WINDOW
from headroom.ports import State
from tests.builders import T0, document, watermark
from tests.contract.state.racing import (
    NOTICES,
    PROJECT,
    WRITERS,
    commit_as,
    count_up,
    count_up_in,
    interfere,
    move_to,
    owe_all,
    record_all,
)
from tests.contract.state.stores import Sqlite

CHANNELS = ("ops-slack", "on-call", "mail")


def test_no_commit_is_lost_among_threads(writers: list[State], rounds: int) -> None:
    each = rounds // WRITERS

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(count_up, writers, repeat(each)))

    found = run(writers[0].read(PROJECT))
    assert found == document(next_seq=each * WRITERS, version=each * WRITERS)


def test_no_commit_is_lost_among_processes(sqlite: Sqlite) -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as processes:
        list(processes.map(count_up_in, repeat(sqlite.path, 3), repeat(20)))

    assert run(sqlite.state.read(PROJECT)) == document(next_seq=60, version=60)


def test_among_many_commits_from_one_version_exactly_one_wins(
    writers: list[State], rounds: int
) -> None:
    read = run(writers[0].commit(document()))

    with ThreadPoolExecutor(WRITERS) as threads:
        for _ in range(rounds):
            won = list(threads.map(commit_as, writers, repeat(read), count()))
            after = replace(read, version=read.version + 1, config_version=won.index(True))
            assert sum(won) == 1
            assert run(writers[0].read(PROJECT)) == after
            read = after


def test_deliveries_side_by_side_are_all_recorded_and_none_comes_back(
    writers: list[State], rounds: int
) -> None:
    """Whatever other checks commit meanwhile."""
    deliveries = len(CHANNELS) * len(NOTICES)
    others = writers[len(CHANNELS) :]

    with ThreadPoolExecutor(WRITERS) as threads:
        for _ in range(0, rounds, deliveries):
            began = owe_all(writers[0], *CHANNELS)
            losses = [threads.submit(interfere, other, len(NOTICES)) for other in others]
            recorded = list(threads.map(record_all, writers, CHANNELS))
            commits = len(others) * len(NOTICES) - sum(loss.result() for loss in losses)

            assert all(all(one) for one in recorded)
            found = run(writers[0].read(PROJECT))
            assert found is not None
            assert found.outbox == {}
            assert found.version == began + deliveries + commits


def test_a_watermark_moved_by_many_never_goes_back(writers: list[State], rounds: int) -> None:
    """Three of the writers would move it back."""
    run(writers[0].move(watermark()))
    window = T0

    with ThreadPoolExecutor(WRITERS) as threads:
        for version in range(1, rounds + 1):
            windows = [window + (writer - 3) * WINDOW for writer in range(WRITERS)]
            won = list(threads.map(move_to, writers, windows, repeat(version)))
            assert sum(won) == 1
            assert windows[won.index(True)] >= window
            window = windows[won.index(True)]
            assert run(writers[0].load()).watermark == watermark(window=window, version=version + 1)
