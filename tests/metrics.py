"""The metrics that a deployed stack has: what its check prints, and what AWS counts for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

from aws_lambda_powertools import Metrics

from functions.baseline.app import count as count_baselines
from functions.check.app import count
from headroom.domain.usage import Calls
from headroom.pipeline.baseline_report import BaselineReport
from headroom.pipeline.report import Report
from tests.deployment import STACK, Json, deployed, resource

Metric = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name and dimensions: who asks for others, or for fewer, reads nothing."""

COUNTED = {
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    ("AWS/Lambda", "FunctionName", "CheckFunction"): {"Errors", "Throttles", "Duration"},
    ("AWS/Lambda", "FunctionName", "BaselineFunction"): {"Errors"},
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    ("AWS/SQS", "QueueName", "DeadLetterQueue"): {"ApproximateNumberOfMessagesVisible"},
    # https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
    ("AWS/SNS", "TopicName", "NoticeTopic"): {"NumberOfNotificationsFailed"},
}
"""What AWS counts: by namespace, dimension and the resource that it is the name of."""


def of_stack(stack: str = STACK) -> set[Metric]:
    """Every metric that an alarm or a dashboard of this stack may read."""
    return (
        printed(stack)
        | printed_by_the_making(stack)
        | {
            metric(space, name, {dimension: _name(logical, dimension, stack)})
            for (space, dimension, logical), names in COUNTED.items()
            for name in names
        }
    )


def metric(space: str, name: str, dimensions: dict[str, str]) -> Metric:
    """One metric as a value."""
    return space, name, frozenset(dimensions.items())


def printed(stack: str = STACK) -> set[Metric]:
    """What the check of a stack sends, with each project's metrics switched on."""
    report = Report(at=0, calls={"sales": Calls(calls=3, limit=10)})
    with redirect_stdout(StringIO()) as out:
        count(_metrics("CheckFunction", stack), report, by_project=True)
    return _all(out.getvalue())


def printed_by_the_making(stack: str = STACK) -> set[Metric]:
    """What the making of baselines of a stack sends."""
    with redirect_stdout(StringIO()) as out:
        count_baselines(_metrics("BaselineFunction", stack), BaselineReport(at=0))
    return _all(out.getvalue())


def _metrics(function: str, stack: str) -> Metrics:
    variables = deployed(resource(function)["Environment"]["Variables"], stack)
    return Metrics(
        namespace=variables["POWERTOOLS_METRICS_NAMESPACE"],
        service=variables["POWERTOOLS_SERVICE_NAME"],
    )


def _all(lines: str) -> set[Metric]:
    return {each for line in lines.splitlines() for each in _read(json.loads(line))}


def _read(line: Json) -> Iterator[Metric]:
    """Read as CloudWatch does.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for dimensions in directive["Dimensions"]:
            for each in directive["Metrics"]:
                named = {name: line[name] for name in dimensions}
                yield metric(directive["Namespace"], each["Name"], named)


def _name(logical: str, dimension: str, stack: str) -> str:
    """A function's name is its `Ref`, a queue's or a topic's an attribute."""
    reference = {"Ref": logical} if dimension == "FunctionName" else None
    return str(deployed(reference or {"Fn::GetAtt": [logical, dimension]}, stack))
