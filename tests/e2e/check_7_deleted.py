"""`sam delete` leaves nothing of the stack behind, though an incident is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.local.aws import LocalAws

LISTED: dict[str, Callable[[LocalAws], list[str]]] = {
    "tables": lambda aws: aws.client("dynamodb").list_tables()["TableNames"],
    "queues": lambda aws: aws.client("sqs").list_queues().get("QueueUrls", []),
    "topics": lambda aws: _each(aws.client("sns").list_topics()["Topics"], "TopicArn"),
    "functions": lambda aws: _each(
        aws.client("lambda").list_functions()["Functions"], "FunctionName"
    ),
    "layers": lambda aws: _each(aws.client("lambda").list_layers()["Layers"], "LayerName"),
    "schedules": lambda aws: _each(aws.client("scheduler").list_schedules()["Schedules"], "Name"),
    "log groups": lambda aws: _each(
        aws.client("logs").describe_log_groups()["logGroups"], "logGroupName"
    ),
    "roles": lambda aws: _each(aws.client("iam").list_roles()["Roles"], "RoleName"),
    "alarms": lambda aws: _each(
        aws.client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"
    ),
    "dashboards": lambda aws: _each(
        aws.client("cloudwatch").list_dashboards()["DashboardEntries"], "DashboardName"
    ),
    "stacks": lambda aws: _each(
        aws.client("cloudformation").describe_stacks()["Stacks"], "StackName"
    ),
}
NOT_THE_STACKS = ("/e2e-reader", "/e2e-ends", "aws-sam-cli-managed-default")
"""The readers' queues, and the bucket that the SAM CLI keeps for every stack of the account."""


def _each(found: list[dict[str, Any]], name: str) -> list[str]:
    return [each[name] for each in found]


@pytest.mark.usefixtures("deleted")
def test_nothing_is_left(aws: LocalAws) -> None:
    found = {kind: names(aws) for kind, names in LISTED.items()}
    left = {
        kind: [name for name in names if not name.endswith(NOT_THE_STACKS)]
        for kind, names in found.items()
    }
    assert left == {kind: [] for kind in LISTED}
