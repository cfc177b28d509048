"""When the last check succeeded, and how far evaluation has come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from headroom.domain.formatting import duration
from headroom.domain.watermark import Loaded, Watermark
from headroom.domain.windows import WINDOW, Instant, iso
from headroom_cli.console import count
from headroom_cli.doctor.engine import Finding, Findings, MissingDependency, fail, ok, warn
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

MINUTE = 60
SPAN = 15 * MINUTE
"""Seconds of metrics that are examined."""
BEHIND = 20 * MINUTE
"""Seconds since the end of the last evaluated window: 5 minutes for the next window, up to 10 to
settle, and some for the check."""

SILENT = 3 * MINUTE
"""Seconds without a successful check; the alarm `no-checks` uses the same."""
IN_A_ROW = 2
"""Failed checks since the last successful one; the next check makes up for a single failure."""
PATIENTLY = "if it was just deployed, run this again in two minutes; otherwise: "

Counted = Mapping[datetime, int]
"""Number of checks by minute, without empty minutes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far evaluation has come, by the watermark, which a check moves last."""

    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    fix: Callable[[], str]
    first: Callable[[], str]
    """The fix if no check has ever succeeded."""
    name: str = "state"

    def look(self) -> Findings:
        """See `Probe`."""
        mark = self.loaded().watermark
        if mark is None:
            yield fail(self.name, "no check has ever succeeded", self.first())
            return
        detail, behind = self._progress(mark)
        if behind > BEHIND:
            yield fail(self.name, f"{detail}: later windows are not", self.fix())
        else:
            yield ok(self.name, detail)

    def _progress(self, mark: Watermark) -> tuple[str, int]:
        end = mark.window + WINDOW
        behind = max(0, self.clock() - end)
        return f"evaluated up to {iso(end)}, {duration(behind)} ago", behind


@dataclass(frozen=True, slots=True)
class Checks:
    """When the last check succeeded, and how many failed, by CloudWatch's metrics."""

    client: Callable[[], CloudWatchClient]
    stack: Callable[[], Stack]
    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    local: bool = False
    """Whether AWS is emulated on this machine; some emulators keep no metrics."""
    name: str = "last check"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        well, failed = self._counted(stack)
        log = f"aws logs tail {stack.log_group} --since 20m --format short"
        if well or failed:
            yield self._finding(well, failed, log)
        elif self._new():
            detail = "CloudWatch has no data yet, and no check has ever succeeded"
            yield warn(self.name, detail, PATIENTLY + log)
        elif self.local and self._unkept(stack):
            yield warn(
                self.name, "this local AWS keeps no metrics: the line 'state' shows the last check"
            )
        else:
            yield fail(self.name, "CloudWatch has none in the last 15 minutes", log)

    def _finding(self, well: Counted, failed: Counted, log: str) -> Finding:
        ended = sum(well.values())
        counts = f"{count(ended, 'check')} succeeded in 15 minutes, {sum(failed.values())} failed"
        if not well:
            return fail(self.name, counts, log)
        newest = max(well)
        age = max(0, self.clock() - int(newest.timestamp()))
        detail = f"{duration(age)} ago; {counts}"
        since = sum(number for at, number in failed.items() if at > newest)
        if age > SILENT:
            return fail(self.name, f"none has succeeded for 3 minutes: the last {detail}", log)
        if since >= IN_A_ROW:
            return fail(self.name, f"the last {since} failed: the last success {detail}", log)
        return warn(self.name, detail, log) if failed else ok(self.name, detail)

    def _unkept(self, stack: Stack) -> bool:
        """Whether this AWS keeps no metrics: then the alarm `no-checks` has no data."""
        found = self.client().describe_alarms(AlarmNames=[f"{stack.name}-no-checks"])
        return any(each.get("StateValue") == "INSUFFICIENT_DATA" for each in found["MetricAlarms"])

    def _new(self) -> bool:
        """Whether no check has ever succeeded; False if the state is unreadable."""
        try:
            return self.loaded().watermark is None
        except MissingDependency:
            return False

    def _counted(self, stack: Stack) -> tuple[Counted, Counted]:
        """Return successful and failed checks by minute."""
        now = self.clock()
        answer = self.client().get_metric_data(
            StartTime=datetime.fromtimestamp(now - SPAN, UTC),
            EndTime=datetime.fromtimestamp(now + MINUTE, UTC),
            MetricDataQueries=[
                _query("well", "Headroom", "ProjectsChecked", "service", stack, "SampleCount"),
                _query("failed", "AWS/Lambda", "Errors", "FunctionName", stack, "Sum"),
            ],
        )
        counted: dict[str, dict[datetime, int]] = {"well": {}, "failed": {}}
        for result in answer["MetricDataResults"]:
            pairs = zip(result.get("Timestamps", []), result.get("Values", []), strict=True)
            counted[result.get("Id", "")] |= {at: int(value) for at, value in pairs if value}
        return counted["well"], counted["failed"]


def _query(
    name: str, namespace: str, metric: str, dimension: str, stack: Stack, statistic: str
) -> MetricDataQueryTypeDef:
    """Build a query; both metrics have the function's name as their dimension (`template.yaml`)."""
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": dimension, "Value": stack.function}],
            },
            "Period": MINUTE,
            "Stat": statistic,
        },
    }
