"""The races of the contract tests, run for long: eight clients, and requests served side by side.

moto takes one request at a time there; DynamoDB, and MiniStack's, many.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from headroom.ports import State
from headroom.state.dynamodb import DynamoState
from tests.contract.state import table
from tests.contract.state.racing import WRITERS
from tests.contract.state.stores import Clock
from tests.contract.state.test_races import (
    test_a_watermark_moved_by_many_never_goes_back,
    test_among_many_commits_from_one_version_exactly_one_wins,
    test_deliveries_side_by_side_are_all_recorded_and_none_comes_back,
    test_no_commit_is_lost_among_threads,
)
from tests.local.aws import LocalAws

__all__ = [
    "test_a_watermark_moved_by_many_never_goes_back",
    "test_among_many_commits_from_one_version_exactly_one_wins",
    "test_deliveries_side_by_side_are_all_recorded_and_none_comes_back",
    "test_no_commit_is_lost_among_threads",
]


@pytest.fixture
def writers(aws: LocalAws) -> Iterator[list[State]]:
    """Each with a client of its own, on a table like the stack's."""
    clients = [aws.new_client("dynamodb") for _ in range(WRITERS)]
    name = f"e2e-races-{uuid4().hex}"
    table.create(clients[0], name)
    yield [DynamoState(client, name, clock=Clock()) for client in clients]
    clients[0].delete_table(TableName=name)
    for client in clients:
        client.close()


@pytest.fixture
def rounds() -> int:
    return 500
