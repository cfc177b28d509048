"""The table as `template.yaml` has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.deployment import of_type

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def declared() -> dict[str, Any]:
    """Find the properties of the one table."""
    (table,) = of_type("AWS::DynamoDB::Table").values()
    return table


def create(client: DynamoDBClient, name: str) -> None:
    """Make a table like it."""
    names = ("AttributeDefinitions", "KeySchema", "BillingMode")
    client.create_table(TableName=name, **{each: declared()[each] for each in names})
