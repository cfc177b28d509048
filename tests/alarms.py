"""CloudWatch's alarms, as far as the template's go: what one reads, and when it goes off."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from tests.deployment import STACK, Json, deployed
from tests.metrics import Metric, metric

Samples = Sequence[Sequence[float]]
"""What a metric was sent in each period, the oldest first; nothing: it is missing."""

STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SampleCount": len,
    "Sum": sum,
    "Maximum": max,
    "Minimum": min,
}
OPERATORS = {
    "LessThanThreshold": operator.lt,
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
}
RANGE = 2
"""How much further back than it evaluates CloudWatch looks for data, in its own examples."""


def reads(alarm: Json, stack: str = STACK) -> Metric:
    """The metric that an alarm reads."""
    dimensions = {each["Name"]: deployed(each["Value"], stack) for each in alarm["Dimensions"]}
    return metric(alarm["Namespace"], alarm["MetricName"], dimensions)


def state(alarm: Json, samples: Samples, before: str = "OK") -> str:
    """The alarm's state once the samples are in.

    Data that is there counts before data that is missing, and from further back too:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    statistic, periods = STATISTICS[alarm["Statistic"]], alarm["EvaluationPeriods"]
    points = [statistic(each) if each else None for each in samples]
    found = [point for point in points[-periods - RANGE :] if point is not None][-periods:]
    breaching = [OPERATORS[alarm["ComparisonOperator"]](each, alarm["Threshold"]) for each in found]
    if missing := periods - len(found):
        if alarm["TreatMissingData"] == "ignore":
            return before
        breaching += [alarm["TreatMissingData"] == "breaching"] * missing
    return "ALARM" if sum(breaching) >= alarm.get("DatapointsToAlarm", periods) else "OK"
