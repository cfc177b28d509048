"""The table as `template.yaml` has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).parents[3] / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation writes it; what its functions would give is not needed here."""


_Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


def declared() -> dict[str, Any]:
    """Find the properties of the one table."""
    template = yaml.load(TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506  # a safe one
    (table,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::DynamoDB::Table"
    )
    return dict(table)


def create(client: DynamoDBClient, name: str) -> None:
    """Make a table like it."""
    properties = declared()
    client.create_table(
        TableName=name,
        AttributeDefinitions=properties["AttributeDefinitions"],
        KeySchema=properties["KeySchema"],
        BillingMode="PAY_PER_REQUEST",
    )
