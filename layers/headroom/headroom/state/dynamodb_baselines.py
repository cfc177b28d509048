"""Baselines on DynamoDB, in the table of the projects' documents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from headroom.aws_errors import REFUSED, codes, unavailable
from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from headroom.net.threads import Threads
from headroom.state import baseline_items as items
from headroom.state.baseline_codec import encode
from headroom.state.items import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

    Tables = Mapping[str, KeysAndAttributesTypeDef]

MOST = 100
"""Keys of one BatchGetItem:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html."""

EMPTY_ANSWERS = 3
"""Answers in a row without any item, after which the table counts as too busy."""

THREADS = 4
"""A cold start with a thousand projects reads ten batches."""


class DynamoBaselines:
    """A `Baselines` on one table; the client is boto3's low-level one, shared by threads."""

    def __init__(self, client: DynamoDBClient, table: str, *, clock: Callable[[], Instant]) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self._threads = Threads(THREADS, "baselines")

    async def read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        """See the port."""
        found = await self._of_all(partial(self._rows, make=items.to_baseline), keys)
        return {key: each for key, each in found.items() if each is not None}

    async def times(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Times]:
        """See the port."""
        return await self._of_all(partial(self._rows, make=items.to_times, only=items.NAMES), keys)

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        """See the port."""
        return await self._threads.run(self._store, key, baseline)

    async def failed(self, key: BaselineKey, at: Instant) -> None:
        """See the port."""
        await self._threads.run(self._failed, key, at)

    async def history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        """See the port."""
        return await self._threads.run(self._history, project, since)

    async def close(self) -> None:
        """Begin no further call."""
        await self._threads.close()

    async def _of_all(
        self,
        rows: Callable[[Mapping[str, BaselineKey]], dict[BaselineKey, Any]],
        keys: Collection[BaselineKey],
    ) -> dict[BaselineKey, Any]:
        """Read in batches side by side; each is made of its rows on its own thread."""
        asked = list(items.by_key(keys).items())
        batches = [dict(asked[start : start + MOST]) for start in range(0, len(asked), MOST)]
        parts = await asyncio.gather(*(self._threads.run(rows, batch) for batch in batches))
        return {key: each for part in parts for key, each in part.items()}

    def _rows(
        self,
        asked: Mapping[str, BaselineKey],
        *,
        make: Callable[[Item], Any],
        only: Mapping[str, str] | None = None,
    ) -> dict[BaselineKey, Any]:
        now = self._clock()
        return {
            asked[item["sk"]["S"]]: make(item)
            for item in self._batch(asked, only)
            if items.is_of(item, asked[item["sk"]["S"]], now)
        }

    def _batch(
        self, asked: Mapping[str, BaselineKey], only: Mapping[str, str] | None
    ) -> Iterator[Item]:
        """Ask until there is an answer for each key: one answer holds at most 16 MB."""
        wanted: KeysAndAttributesTypeDef = {"Keys": [items.key(each) for each in asked.values()]}
        if only:
            wanted["ProjectionExpression"] = ", ".join(only)
            wanted["ExpressionAttributeNames"] = only
        tables: Tables = {self._table: wanted}
        empty = 0
        while tables:
            with self._calling("BatchGetItem"):
                answer = self._client.batch_get_item(RequestItems=tables)
            found = answer["Responses"].get(self._table, [])
            yield from found
            tables = cast("Tables", answer["UnprocessedKeys"])
            empty = 0 if found else empty + 1
            if tables and empty == EMPTY_ANSWERS:
                raise StateUnavailable(
                    f"DynamoDB BatchGetItem on table {self._table}: it is too busy, "
                    f"{empty} answers in a row were empty"
                )

    def _store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        encoded = encode(baseline)
        item = items.of_baseline(key, baseline, encoded.body, self._clock())
        with self._calling("PutItem"):
            self._client.put_item(TableName=self._table, Item=item)
        return encoded.no_room

    def _failed(self, key: BaselineKey, at: Instant) -> None:
        with self._calling("UpdateItem"):
            try:
                self._client.update_item(TableName=self._table, **items.failure(key, at))
            except ClientError as error:
                if not codes(error) & REFUSED:
                    raise
            else:
                return
        with self._calling("PutItem"):
            row = items.first_failure(key, at, self._clock())
            self._client.put_item(TableName=self._table, Item=row)

    def _history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        with self._calling("Query"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table, **items.since(project, since)
            )
            rows = [item for page in pages for item in page["Items"]]
        return [notice for row in rows for notice in json.loads(row["notices"]["S"])]

    def _calling(self, operation: str) -> AbstractContextManager[None]:
        return unavailable(f"DynamoDB {operation} on table {self._table}")
