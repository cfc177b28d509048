"""The simulated DynamoDB keeps what every store promises: the contract tests run over it too."""
# mypy: disable-error-code=assignment
# ruff: noqa: F403  # the tests are those of the contract, all of them, with helpers of one name

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import cast

import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from headroom.state.dynamodb import DynamoState
from tests.contract.state.stores import Clock, Event
from tests.contract.state.test_commits import *
from tests.contract.state.test_records import *
from tests.contract.state.test_watermarks import *
from tests.simulation.outside.stores import Plain
from tests.simulation.outside.table import Table


@dataclass
class Simulated:
    """The adapter over the simulated table."""

    table: Table = field(default_factory=lambda: Table(page=2))
    clock: Clock = field(default_factory=Clock)

    @property
    def state(self) -> DynamoState:
        client = cast("DynamoDBClient", Plain(self.table))
        return DynamoState(client, "headroom", clock=self.clock)

    def history(self, project: str) -> list[Event]:
        rows = [row for key, row in sorted(self.table.rows.items()) if key[0].endswith(project)]
        return [
            Event(json.loads(row["notices"]["S"]), int(row["expires_at"]["N"]))
            for row in rows
            if row["pk"]["S"] == f"PROJECT#{project}"
        ]


@pytest.fixture
def store() -> Simulated:
    return Simulated()
