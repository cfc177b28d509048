"""What every place for dead letters promises."""

from __future__ import annotations

import json
from asyncio import run
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import pytest

from headroom.errors import StateUnavailable
from headroom.ports import DeadLetters
from headroom.state.deadletters import SqsDeadLetters
from headroom.state.sqlite import SqliteDeadLetters
from tests.builders import notice
from tests.contract.state.atomic_moto import AtomicMoto, Instead
from tests.contract.state.stores import Sqlite

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

NOTICE = notice().as_json()


class Place(Protocol):
    """One adapter under test."""

    @property
    def letters(self) -> DeadLetters:
        """The adapter."""
        ...

    def found(self) -> list[Any]:
        """All letters, read."""
        ...


@dataclass
class Queue:
    client: SQSClient
    url: str

    @property
    def letters(self) -> SqsDeadLetters:
        return SqsDeadLetters(lambda: self.client, self.url)

    def found(self) -> list[Any]:
        answer = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


@dataclass
class File:
    store: Sqlite

    @property
    def letters(self) -> SqliteDeadLetters:
        return SqliteDeadLetters(self.store.path, clock=self.store.clock)

    def found(self) -> list[Any]:
        rows = self.store.rows("SELECT letter FROM dead_letters ORDER BY rowid")
        return [json.loads(letter) for (letter,) in rows]


@pytest.fixture
def queue(moto: AtomicMoto) -> Iterator[Queue]:
    client = moto.sqs()
    name = f"headroom-dead-letters-{uuid4().hex}"
    yield Queue(client, client.create_queue(QueueName=name)["QueueUrl"])
    client.close()


@pytest.fixture
def file(sqlite: Sqlite) -> File:
    return File(sqlite)


@pytest.fixture(params=["queue", "file"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def test_a_dead_letter_holds_the_whole_notice_the_channel_and_the_reason(place: Place) -> None:
    run(place.letters.put(NOTICE, "ops-slack", "the webhook was revoked"))
    run(place.letters.put(NOTICE, "on-call", "24 hours"))

    assert place.found() == [
        {"notice": NOTICE, "channel": "ops-slack", "reason": "the webhook was revoked"},
        {"notice": NOTICE, "channel": "on-call", "reason": "24 hours"},
    ]


def test_a_queue_that_refuses_is_reported_with_the_code(queue: Queue, moto: AtomicMoto) -> None:
    moto.instead.append(Instead("SendMessage", "403 Forbidden", "AccessDenied"))

    with pytest.raises(
        StateUnavailable, match=r"SendMessage to .*/headroom-dead-letters-.*: AccessD"
    ):
        run(queue.letters.put(NOTICE, "ops-slack", "24 hours"))


def test_a_file_that_cannot_be_written_is_reported_with_its_path(
    sqlite: Sqlite, tmp_path: Path
) -> None:
    letters = SqliteDeadLetters(tmp_path, clock=sqlite.clock)

    with pytest.raises(StateUnavailable, match=str(tmp_path)):
        run(letters.put(NOTICE, "ops-slack", "24 hours"))
