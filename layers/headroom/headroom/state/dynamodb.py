"""State on DynamoDB: one table, one row for each project that is not quiet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import ClientError

from headroom.aws_errors import CONFLICT, REFUSED, codes, unavailable
from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Loaded, Watermark
from headroom.domain.windows import Instant
from headroom.errors import LostRace
from headroom.net.threads import Threads
from headroom.state import codec, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutItemInputTypeDef, TransactWriteItemTypeDef

TRIES = 5
"""Attempts to record one delivery while another check's transaction holds the item: that takes
milliseconds, and a delivery that is not recorded becomes a duplicate."""

THREADS = 10
"""As many connections as botocore keeps."""


class DynamoState:
    """A `State` on one table; the client is boto3's low-level one, shared by threads."""

    def __init__(self, client: DynamoDBClient, table: str, *, clock: Callable[[], Instant]) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._threads = Threads(THREADS, "state")

    async def load(self) -> Loaded:
        """See the port."""
        return await self._threads.run(self._load)

    async def read(self, project: str) -> ProjectState | None:
        """See the port."""
        item = await self._threads.run(self._get, items.key(project))
        return items.to_document(item) if item else None

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        """See the port."""
        return await self._threads.run(self._commit, document, history)

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        """See the port."""
        if not token:
            return False
        change = items.change(notice_id, channel, token, delivery)
        return await self._threads.run(self._record, items.key(project), change)

    async def move(self, watermark: Watermark) -> bool:
        """See the port."""
        return await self._threads.run(self._move, watermark)

    async def close(self) -> None:
        """Begin no further call."""
        await self._threads.close()

    def _load(self) -> Loaded:
        """Read the watermark first, so that it is never ahead of the documents."""
        watermark = self._get(items.WATERMARK)
        rows = {items.project(item): partial(items.to_document, item) for item in self._query()}
        documents, unreadable = codec.sorted_out(rows)
        return Loaded(
            documents=documents,
            watermark=items.to_watermark(watermark) if watermark else None,
            unreadable=unreadable,
        )

    def _get(self, key: items.Item) -> items.Item | None:
        with self._calling("GetItem"):
            answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _query(self) -> list[items.Item]:
        with self._calling("Query"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :state",
                ExpressionAttributeValues={":state": {"S": items.STATE}},
                ConsistentRead=True,
            )
            return [item for page in pages for item in page["Items"]]

    def _commit(self, document: ProjectState, history: Sequence[Notice]) -> ProjectState:
        stored, mark = codec.following(document), uuid4().hex
        put = self._put(items.of_document(stored, mark), document.version)
        expires_at = self._clock() + codec.HISTORY_KEPT
        rows = items.of_history(document.project, history, expires_at)
        with self._calling("TransactWriteItems" if rows else "PutItem"):
            try:
                self._write(put, rows, mark)
            except ClientError as error:
                if not codes(error) & (REFUSED | CONFLICT):
                    raise
                if not _stored_before(error, mark):
                    raise LostRace(f"project {document.project!r} was changed") from error
        return stored

    def _write(self, put: PutItemInputTypeDef, rows: Sequence[items.Item], mark: str) -> None:
        if not rows:
            self._client.put_item(**put)
            return
        parts: list[TransactWriteItemTypeDef] = [{"Put": put}]
        parts += [{"Put": {"TableName": self._table, "Item": row}} for row in rows]
        # the token makes DynamoDB ignore a request that botocore repeats
        self._client.transact_write_items(TransactItems=parts, ClientRequestToken=mark)

    def _put(self, item: items.Item, read: int) -> PutItemInputTypeDef:
        put: PutItemInputTypeDef = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if read:
            put["ConditionExpression"] = "version = :read"
            put["ExpressionAttributeValues"] = {":read": items.number(read)}
        return put

    def _record(self, key: items.Item, change: items.Item) -> bool:
        """Record a delivery.

        A repeated request finds no lease when only the first answer was lost: False, though it is
        recorded. That is safe, since the next check loads the recorded state.
        """
        with self._calling("UpdateItem"):
            for left in reversed(range(TRIES)):
                try:
                    self._client.update_item(TableName=self._table, Key=key, **change)
                except ClientError as error:
                    if codes(error) & REFUSED:
                        return False
                    if not (codes(error) & CONFLICT and left):
                        raise
                else:
                    break
        return True

    def _move(self, watermark: Watermark) -> bool:
        """Move the watermark; False also when a repeated request finds that the first one did."""
        moved = replace(watermark, version=watermark.version + 1)
        put = self._put(items.of_watermark(moved), watermark.version)
        if watermark.version:
            put["ConditionExpression"] = "version = :read AND #window <= :window"
            put["ExpressionAttributeNames"] = {"#window": "window"}
            put["ExpressionAttributeValues"] = {
                ":read": items.number(watermark.version),
                ":window": items.number(watermark.window),
            }
        with self._calling("PutItem"):
            try:
                self._client.put_item(**put)
            except ClientError as error:
                if not codes(error) & REFUSED:
                    raise
                return False
        return True

    def _calling(self, operation: str) -> AbstractContextManager[None]:
        return unavailable(f"DynamoDB {operation} on table {self._table}")


def _stored_before(error: ClientError, mark: str) -> bool:
    """Whether the write was rejected because the same write was stored before.

    botocore repeats a request whose answer was lost (time-out, 5xx), though the first may have been
    stored, with our leases. To call that a lost race would be safe, but the leases would hold the
    notices back until they end.
    """
    response: Mapping[str, Any] = error.response
    return bool(response.get("Item", {}).get("mark") == {"S": mark})
