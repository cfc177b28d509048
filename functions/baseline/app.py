"""The Lambda function that makes baselines: takes an event, logs and counts, returns the report.

It raises when nothing can be made (ConfigUnavailable, StateUnavailable, EventError), and at the end
of a run that a bug broke in part (BrokenCheck). Then Lambda counts an error, tries once more, and
puts the event into the dead-letter queue.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from headroom.bootstrap import app
from headroom.event import CheckEvent
from headroom.pipeline.baseline_report import BaselineReport
from headroom.pipeline.report_limits import ANSWER, LOG_LINE, evenly_fitted
from headroom.ports import Deadline


@cache
def edge() -> tuple[Logger, Metrics]:
    """Make logger and metrics with the first event, not at import: they read the environment."""
    return Logger(), Metrics()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the baselines that are due at the event's time."""
    logger, metrics = edge()
    at = CheckEvent.parse(event)
    deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000)
    report = app().make_baselines(at, deadline)
    count(metrics, report)
    answer = report.as_json()
    log = logger.warning if answer["failed"] or answer["problems"] else logger.info
    log("baselines made", request_id=context.aws_request_id, **evenly_fitted(answer, LOG_LINE))
    report.raise_bugs()
    return evenly_fitted(answer, ANSWER)


def count(metrics: Metrics, report: BaselineReport) -> None:
    """Print the line that CloudWatch turns into metrics, zeros too."""
    for name, unit, value in (
        ("BaselinesMade", MetricUnit.Count, len(report.made)),
        ("BaselinesDue", MetricUnit.Count, report.due),
        ("BaselinesFailed", MetricUnit.Count, len(report.failed)),
        ("OldestBaselineSeconds", MetricUnit.Seconds, report.oldest_seconds),
    ):
        metrics.add_metric(name=name, unit=unit, value=value)
    metrics.flush_metrics()
