"""Both adapters in the simulated world: what they really store is noted in the same breath."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any, cast

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from mypy_boto3_dynamodb import DynamoDBClient

from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Watermark
from headroom.state import items
from headroom.state.dynamodb import DynamoState
from headroom.state.sqlite import SqliteState
from tests.simulation.outside.fault_injector import FaultInjector
from tests.simulation.outside.table import Answer, Change, Pages, Table, refusal
from tests.simulation.run_log import RunLog

ROWS = 2
"""Rows of one page: a query of three documents takes two requests."""
LINGER = 48 * 3600
"""Seconds within which DynamoDB deletes what has expired; they say a few days at most."""


class NotedSqlite(SqliteState):
    """The adapter itself; what it stored is noted in the same breath."""

    def __init__(self, path: Path, log: RunLog) -> None:
        super().__init__(path, clock=log.clock)
        self._log = log

    def _commit(self, document: ProjectState, history: Sequence[Notice]) -> ProjectState:
        stored = super()._commit(document, history)
        self._log.committed(stored, [each.as_json() for each in history])
        return stored

    def _record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        held = super()._record(project, notice_id, channel, token, delivery)
        after = self._read(project) if held else None
        if after:
            self._log.recorded(after, notice_id, channel)
        return held

    def _move(self, watermark: Watermark) -> bool:
        moved = super()._move(watermark)
        if moved:
            self._log.moved(watermark.projects)
        return moved

    def _purge(self, rows: Connection) -> None:
        before = rows.execute("SELECT project FROM documents").fetchall()
        super()._purge(rows)
        left = rows.execute("SELECT project FROM documents").fetchall()
        for (project,) in before:
            if (project,) not in left:
                self._log.expired(project)


class NotedTable(Table):
    """The table; what it stored is noted, and what has expired goes some time."""

    def __init__(self, log: RunLog) -> None:
        super().__init__(page=ROWS, changed=self._note)
        self._log = log

    def expire(self) -> None:
        """Delete what expired long enough ago: each row lingers as long as its hash says."""
        now = self._log.clock()
        for key, row in list(self.rows.items()):
            if key[0] == items.STATE and "expires_at" in row:
                at = int(row["expires_at"]["N"])
                drawn = hashlib.sha256(f"{key} {at}".encode()).digest()[0]
                if at + LINGER * drawn // 256 < now:
                    del self.rows[key]
                    self._log.expired(items.project(dict(row)))

    def _note(self, changes: list[Change]) -> None:
        rows = [each.after for each in changes]
        history = [
            notice
            for row in rows
            if row["pk"]["S"].startswith("PROJECT#")
            for notice in json.loads(row["notices"]["S"])
        ]
        for change in changes:
            if change.after["pk"] == items.WATERMARK["pk"]:
                self._log.moved(items.to_watermark(dict(change.after)).projects)
            if change.after["pk"]["S"] != items.STATE:
                continue
            document = items.to_document(dict(change.after))
            if "UpdateExpression" in change.asked:
                names: Mapping[str, str] = change.asked["ExpressionAttributeNames"]
                self._log.recorded(document, names["#notice"], names["#channel"])
            else:
                self._log.committed(document, history)


class Client:
    """DynamoDB's client as the adapter uses it: every request may fail."""

    def __init__(self, table: NotedTable, faults: FaultInjector) -> None:
        self._table = table
        self._faults = faults

    def get_item(self, **asked: Any) -> Answer:  # noqa: ANN401
        return self._call("GetItem", self._table.get_item, asked)

    def put_item(self, **asked: Any) -> Answer:  # noqa: ANN401
        return self._call("PutItem", self._table.put_item, asked)

    def update_item(self, **asked: Any) -> Answer:  # noqa: ANN401
        return self._call("UpdateItem", self._table.update_item, asked)

    def transact_write_items(self, **asked: Any) -> Answer:  # noqa: ANN401
        return self._call("TransactWriteItems", self._table.transact_write_items, asked)

    def get_paginator(self, _operation: str) -> Pages:
        return Pages(lambda **asked: self._call("Query", self._table.query, asked))

    def _call(
        self, operation: str, effect: Callable[..., Answer], asked: Mapping[str, Any]
    ) -> Answer:
        self._table.expire()
        ask = partial(effect, **asked)
        return self._faults.call(operation, "", ask, partial(_failed, operation))


def _failed(operation: str, kind: str) -> Exception:
    """What botocore raises, its own tries being used up."""
    if kind == "throttled":
        return refusal(operation, "ProvisionedThroughputExceededException")
    if kind == "lost before":
        return ConnectTimeoutError(endpoint_url="https://dynamodb")
    if kind == "error after":
        return refusal(operation, "InternalServerError")
    if kind == "lost after":
        return ReadTimeoutError(endpoint_url="https://dynamodb")
    if operation == "TransactWriteItems":
        reasons = [{"Code": "TransactionConflict"}]
        return refusal(operation, "TransactionCanceledException", CancellationReasons=reasons)
    return refusal(operation, "TransactionConflictException")


def dynamo(log: RunLog, faults: FaultInjector) -> tuple[DynamoState, DynamoState]:
    """Make the adapter, and a second one that reads the same table without any fault."""
    table = NotedTable(log)
    client = cast("DynamoDBClient", Client(table, faults))
    plain = cast("DynamoDBClient", Plain(table))
    return tuple(  # type: ignore[return-value]  # two of them
        DynamoState(each, "headroom", clock=log.clock) for each in (client, plain)
    )


class Plain:
    """The table as a client that never fails."""

    def __init__(self, table: Table) -> None:
        self.get_item = table.get_item
        self.put_item = table.put_item
        self.update_item = table.update_item
        self.transact_write_items = table.transact_write_items
        self._query = table.query

    def get_paginator(self, _operation: str) -> Pages:
        return Pages(self._query)
