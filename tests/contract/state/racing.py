"""Writers that race: plain functions, so that threads and processes can run them."""

from __future__ import annotations

from asyncio import run
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from headroom.domain.project_state import ProjectState
from headroom.domain.windows import Instant
from headroom.errors import LostRace
from headroom.ports import State
from tests.builders import T0, delivery, document, notice, pending, watermark
from tests.contract.state.stores import Sqlite

WRITERS = 8
PROJECT = "support-line"
NOTICES = [notice(rule=f"rule-{number}") for number in range(8)]


def count_up(state: State, times: int) -> None:
    """Raise `next_seq` so often, however many races are lost on the way."""
    while times:
        read = run(state.read(PROJECT)) or document(next_seq=0)
        with suppress(LostRace):
            run(state.commit(replace(read, next_seq=read.next_seq + 1), [notice()]))
            times -= 1


def count_up_in(path: Path, times: int) -> None:
    """Do so in a file."""
    count_up(Sqlite(path).state, times)


def owe_all(state: State, *channels: str) -> int:
    """Owe every notice to every channel, each with its lease; returns the document's version."""
    lease = {channel: delivery(lease=channel, lease_until=T0 + 420) for channel in channels}
    outbox = {one.id: replace(pending(one), deliveries=lease) for one in NOTICES}
    read = run(state.read(PROJECT)) or document()
    return run(state.commit(replace(read, outbox=outbox))).version


def record_all(state: State, channel: str) -> list[bool]:
    """Record that this channel accepted every notice."""
    return [
        run(state.record(PROJECT, one.id, channel, token=channel, delivery=None)) for one in NOTICES
    ]


def commit_as(state: State, read: ProjectState, writer: int) -> bool:
    """Commit what all have read, signed by the writer; tell whether that won."""
    try:
        run(state.commit(replace(read, config_version=writer)))
    except LostRace:
        return False
    return True


def move_to(state: State, window: Instant, version: int) -> bool:
    """Move the watermark from a version that all have read; tell whether that won."""
    return run(state.move(watermark(window=window, version=version)))


def interfere(state: State, times: int) -> int:
    """Commit what was read, changed elsewhere, so often; return how often that was lost."""
    lost = 0
    for _ in range(times):
        read = run(state.read(PROJECT))
        assert read is not None
        try:
            run(state.commit(replace(read, config_version=read.config_version + 1)))
        except LostRace:
            lost += 1
    return lost
