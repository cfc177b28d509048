"""Both stores as the contract sees them: the port, a clock to set, and a look at the history."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from headroom.domain.windows import Instant
from headroom.ports import Baselines, State
from headroom.state.dynamodb import DynamoState
from headroom.state.dynamodb_baselines import DynamoBaselines
from headroom.state.sqlite import SqliteState
from headroom.state.sqlite_baselines import SqliteBaselines
from tests.builders import T0
from tests.contract.state.atomic_moto import AtomicMoto


@dataclass
class Clock:
    """Shows what it is set to."""

    now: Instant = T0 + 360

    def __call__(self) -> Instant:
        """Tell the time."""
        return self.now


@dataclass(frozen=True)
class Event:
    """One row of history."""

    notices: list[dict[str, Any]]
    expires_at: Instant


class Store(Protocol):
    """One adapter under test."""

    clock: Clock

    @property
    def state(self) -> State:
        """The adapter."""
        ...

    @property
    def baselines(self) -> Baselines:
        """The adapter for baselines."""
        ...

    def history(self, project: str) -> list[Event]:
        """Everything kept of this project, in order."""
        ...

    def spoil(self, body: bytes, form: int) -> None:
        """Put another body, and another format, into every stored baseline."""
        ...


@dataclass
class Dynamo:
    """DynamoDB."""

    moto: AtomicMoto
    table: str
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        """Connect."""
        self.client = self.moto.dynamodb()

    @property
    def state(self) -> DynamoState:
        """The adapter."""
        return DynamoState(self.client, self.table, clock=self.clock)

    @property
    def baselines(self) -> DynamoBaselines:
        """The adapter for baselines."""
        return DynamoBaselines(self.client, self.table, clock=self.clock)

    def spoil(self, body: bytes, form: int) -> None:
        """Put another body, and another format, into every stored baseline."""
        for row in self.client.scan(TableName=self.table)["Items"]:
            if row["pk"] == {"S": "USUAL"}:
                spoilt: dict[str, Any] = {"body": {"B": body}, "format": {"N": str(form)}}
                self.client.put_item(TableName=self.table, Item={**row, **spoilt})

    def history(self, project: str) -> list[Event]:
        """Everything kept of this project, in order."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"PROJECT#{project}"}},
        )
        return [
            Event(json.loads(row["notices"]["S"]), int(row["expires_at"]["N"]))
            for page in pages
            for row in page["Items"]
        ]


@dataclass
class Sqlite:
    """SQLite."""

    path: Path
    clock: Clock = field(default_factory=Clock)

    @property
    def state(self) -> SqliteState:
        """The adapter."""
        return SqliteState(self.path, clock=self.clock)

    @property
    def baselines(self) -> SqliteBaselines:
        """The adapter for baselines."""
        return SqliteBaselines(self.path, clock=self.clock)

    def spoil(self, body: bytes, form: int) -> None:
        """Put another body, and another format, into every stored baseline."""
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("UPDATE baselines SET body = ?, format = ?", (body, form))

    def history(self, project: str) -> list[Event]:
        """Everything kept of this project, in order."""
        query = "SELECT notice, expires_at FROM history WHERE project = ? ORDER BY at, id"
        return [
            Event([json.loads(notice)], expires_at)
            for notice, expires_at in self.rows(query, project)
        ]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the file."""
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query, values).fetchall()
