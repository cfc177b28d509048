"""The Lambda function of the check: takes an event, logs and counts, and returns the report.

It raises when the check is impossible (ConfigUnavailable, StateUnavailable, EventError), and at the
end of a check that a bug broke in part (BrokenCheck). Then Lambda counts an error and puts the
event into the dead-letter queue.
"""

from __future__ import annotations

import gc

# Start-up creates no garbage, and to look for it takes a tenth of the time (bench/startup.py): so
# this comes before the other imports. The first event freezes what is there and switches it on.
gc.disable()

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from headroom.bootstrap import app
from headroom.event import CheckEvent
from headroom.pipeline.report import Report
from headroom.pipeline.report_limits import ANSWER, LOG_LINE, fitted
from headroom.ports import Deadline
from headroom.settings import Settings

LOGGED = ("id", "kind", "severity", "project", "rule", "series", "channels")
"""The fields of a notice in the log; the answer and the history have the whole notice."""


@cache
def edge() -> tuple[Logger, Metrics, bool]:
    """Make logger and metrics with the first event, not at import: they read the environment."""
    app()
    gc.freeze()
    gc.enable()
    return Logger(), Metrics(), Settings.from_environment().project_metrics


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Check every project at the event's time."""
    logger, metrics, by_project = edge()
    at = CheckEvent.parse(event)
    report = app().run(at, Deadline(lambda: context.get_remaining_time_in_millis() / 1000))
    if not report.dropped:  # no check: the alarm on missing checks must not count it
        count(metrics, report, by_project=by_project)
    answer = report.as_json()
    notices = [{name: notice[name] for name in LOGGED} for notice in answer["notices"]]
    log = logger.warning if answer["problems"] else logger.info
    line = fitted({**answer, "notices": notices}, LOG_LINE)
    log("checked", request_id=context.aws_request_id, **line)
    report.raise_bugs()
    return fitted(answer, ANSWER)


def count(metrics: Metrics, report: Report, *, by_project: bool = False) -> None:
    """Print the lines that CloudWatch turns into metrics, zeros too, so that alarms see them."""
    for name, unit, value in (
        ("ProjectsChecked", MetricUnit.Count, report.checked),
        ("ProjectsUnreachable", MetricUnit.Count, len(report.unreachable)),
        ("ConfigErrors", MetricUnit.Count, len(report.invalid) + report.faults),
        ("BaselinesOverdue", MetricUnit.Count, report.baselines_overdue),
        ("NoticesSent", MetricUnit.Count, report.sent),
        ("NoticesFailed", MetricUnit.Count, report.failed),
        ("NoticesPending", MetricUnit.Count, report.pending),
        ("OldestPendingSeconds", MetricUnit.Seconds, report.oldest_pending_seconds),
        ("CheckDuration", MetricUnit.Seconds, report.duration_seconds),
    ):
        metrics.add_metric(name=name, unit=unit, value=value)
    metrics.flush_metrics()
    for reason, failed in report.failures.items():
        metrics.add_dimension("reason", reason)
        metrics.add_metric("NoticesFailed", MetricUnit.Count, failed)
        metrics.flush_metrics()
    if by_project:
        _count_calls(metrics, report)


def _count_calls(metrics: Metrics, report: Report) -> None:
    """Print a line for each project: a line has one value for each dimension."""
    for name, each in report.calls.items():
        metrics.add_dimension("project", name)
        metrics.add_metric("ConcurrentCalls", MetricUnit.Count, each.calls)
        if each.headroom is not None:
            metrics.add_metric("HeadroomCalls", MetricUnit.Count, each.headroom)
        metrics.flush_metrics()
