"""Whether the table is there, and forgets what has expired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXPIRES = "expires_at"


@dataclass(frozen=True, slots=True)
class Table:
    """DynamoDB's word on it."""

    client: Callable[[], DynamoDBClient]
    stack: Callable[[], Stack]
    name: str = "table"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        table, again = stack.table, deploy(stack.name)
        status = self.client().describe_table(TableName=table)["Table"].get("TableStatus", "")
        if status not in {"ACTIVE", "UPDATING"}:
            yield fail(self.name, f"{table} is {status}", again)
        found = self.client().describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        expiry = found.get("TimeToLiveStatus", ""), found.get("AttributeName")
        if expiry not in {("ENABLED", EXPIRES), ("ENABLING", EXPIRES)}:
            yield warn(self.name, f"{table} keeps what has expired: TTL is {expiry[0]}", again)
        elif status in {"ACTIVE", "UPDATING"}:
            yield ok(self.name, f"{table} is {status}, expiry is on")
