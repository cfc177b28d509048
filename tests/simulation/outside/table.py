"""A DynamoDB table in memory, really atomic: what is asked holds whole or not at all.

It answers what the adapter asks as DynamoDB does, errors included, and nothing else:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/. The simulation cannot use moto, as
the contract tests and the demo do (`Cloud`): it makes hundreds of requests a second on one thread,
wants sizes and transactions refused as DynamoDB refuses them, and notes each row that changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation.outside.expressions import Expressions, Invalid, Item

Key = tuple[str, str]
Answer = dict[str, Any]
LARGEST = 400 * 1024
MOST = 100
"""Items of one transaction."""
LARGEST_TRANSACTION = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Change:
    """One row before and after a request, and the part of the request that was about it."""

    before: Item | None
    after: Item
    asked: Mapping[str, Any]


@dataclass
class Table:
    """Rows by their key."""

    rows: dict[Key, Item] = field(default_factory=dict)
    changed: Callable[[list[Change]], None] = lambda _: None
    """Called for every request that changed something."""
    page: int = 1000
    """Rows of one page of a query."""
    _tokens: dict[str, str] = field(default_factory=dict)

    def get_item(self, **asked: Any) -> Answer:  # noqa: ANN401  # the operation's parameters
        found = self.rows.get(_key(asked["Key"]))
        return {"Item": found} if found else {}

    def query(self, **asked: Any) -> Answer:  # noqa: ANN401
        condition = Expressions(asked)
        start = asked.get("ExclusiveStartKey")
        after = _key(start)[1] if start else ""
        found = [
            (key, row)
            for key, row in sorted(self.rows.items())
            if condition.holds(asked["KeyConditionExpression"], row) and key[1] > after
        ]
        page: Answer = {"Items": [row for _, row in found[: self.page]]}
        if len(found) > self.page:
            pk, sk = found[self.page - 1][0]
            page["LastEvaluatedKey"] = {"pk": {"S": pk}, "sk": {"S": sk}}
        return page

    def put_item(self, **asked: Any) -> Answer:  # noqa: ANN401
        self._write("PutItem", [(asked, self._put(asked))])
        return {}

    def update_item(self, **asked: Any) -> Answer:  # noqa: ANN401
        before = self.rows.get(_key(asked["Key"]))
        try:
            expressions = Expressions(asked)
            if not expressions.holds(asked["ConditionExpression"], before):
                raise refusal("UpdateItem", "ConditionalCheckFailedException")
            after = expressions.update(asked["UpdateExpression"], before or asked["Key"])
            expressions.finish()
        except Invalid as error:
            raise refusal("UpdateItem", "ValidationException", str(error)) from error
        self._write("UpdateItem", [(asked, after)])
        return {}

    def transact_write_items(self, **asked: Any) -> Answer:  # noqa: ANN401
        operation = "TransactWriteItems"
        parts = [part["Put"] for part in asked["TransactItems"]]
        keys = [_key(part["Item"]) for part in parts]
        if len(set(keys)) < len(keys) or len(keys) > MOST:
            raise refusal(operation, "ValidationException", "twice one item, or too many")
        token, whole = asked["ClientRequestToken"], repr(asked)
        if token in self._tokens:
            if self._tokens[token] != whole:
                raise refusal(operation, "IdempotentParameterMismatchException")
            return {}
        self._transact(operation, parts)
        self._tokens[token] = whole
        return {}

    def _transact(self, operation: str, parts: list[Mapping[str, Any]]) -> None:
        reasons, puts = [], []
        for part in parts:
            try:
                puts.append((part, self._put(part)))
                reasons.append({"Code": "None"})
            except ClientError as error:
                code = str(error.response["Error"]["Code"]).removesuffix("Exception")
                response: Mapping[str, Any] = error.response
                old = {"Item": response["Item"]} if "Item" in response else {}
                reasons.append({"Code": code, **old})
        if len(puts) < len(parts):
            code = "TransactionCanceledException"
            raise refusal(operation, code, CancellationReasons=reasons)
        self._write(operation, puts)

    def _put(self, asked: Mapping[str, Any]) -> Item:
        """Give the row as it is to be. Raises what stands against it."""
        before = self.rows.get(_key(asked["Item"]))
        if condition := asked.get("ConditionExpression"):
            expressions = Expressions(asked)
            holds = expressions.holds(condition, before)
            expressions.finish()
            if not holds:
                old = asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before
                there: dict[str, Any] = {"Item": before} if old else {}
                raise refusal("PutItem", "ConditionalCheckFailedException", **there)
        return _unordered(asked["Item"])

    def _write(self, operation: str, puts: list[tuple[Mapping[str, Any], Item]]) -> None:
        sizes = [item_size(after) for _, after in puts]
        if max(sizes) > LARGEST:
            raise refusal(operation, "ValidationException", "the item is too large")
        if sum(sizes) > LARGEST_TRANSACTION:
            raise refusal(operation, "ValidationException", "the transaction is too large")
        changes = []
        for asked, after in puts:
            changes.append(Change(self.rows.get(_key(after)), after, asked))
            self.rows[_key(after)] = after
        self.changed(changes)


@dataclass(frozen=True)
class Pages:
    """A paginator over `query`."""

    query: Callable[..., Answer]

    def paginate(self, **asked: Any) -> Iterator[Answer]:  # noqa: ANN401
        page = self.query(**asked)
        yield page
        while "LastEvaluatedKey" in page:
            page = self.query(**asked, ExclusiveStartKey=page["LastEvaluatedKey"])
            yield page


def refusal(operation: str, code: str, message: str = "", **extra: object) -> ClientError:
    """Make botocore's own error."""
    response: Any = {"Error": {"Code": code, "Message": message or code}, **extra}
    return ClientError(response, operation)


def _key(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def item_size(item: Item) -> int:
    """Count the bytes of an item, nearly as DynamoDB does."""
    total = 0
    for name, value in item.items():
        ((kind, held),) = value.items()
        total += len(name) + (3 + item_size(held) if kind == "M" else _bytes(held))
    return total


def _bytes(held: str | bytes) -> int:
    return len(held) if isinstance(held, bytes) or held.isascii() else len(held.encode())


def _unordered(item: Item) -> Item:
    """The same, its maps in an order that means nothing, as DynamoDB gives them back."""
    return {
        name: {"M": _unordered(value["M"])} if "M" in value else value
        for name, value in sorted(item.items())
    }
