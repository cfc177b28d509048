"""When the last check ended well, and how far it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from headroom.domain.windows import WINDOW, Instant, iso
from headroom.domain.wording import duration
from headroom.state.document import Watermark
from headroom.state.port import Loaded
from headroom_cli.console import count
from headroom_cli.doctor.engine import Finding, Findings, MissingDependency, fail, ok, warn
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

MINUTE = 60
SPAN = 15 * MINUTE
"""Seconds that are looked at."""
BEHIND = 20 * MINUTE
"""Seconds since the end of the newest window that took effect: 5 minutes for the next, 10 at most
to settle, and some for the check."""

SILENT = 3 * MINUTE
"""Seconds without a good check: the alarm no-checks goes by the same."""
IN_A_ROW = 2
"""Checks that failed since the last good one: a single one is made up for by the next."""
PATIENTLY = "just deployed? wait two minutes, and run this again; else: "

Counted = Mapping[datetime, int]
"""How many checks, by minute; without the minutes that have none."""


@dataclass(frozen=True, slots=True)
class Progress:
    """By the watermark, which a check moves last: how far it came."""

    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    fix: Callable[[], str]
    first: Callable[[], str]
    """The fix where no check has ever ended well."""
    name: str = "state"

    def look(self) -> Findings:
        """See `Probe`."""
        mark = self.loaded().watermark
        if mark is None:
            yield fail(self.name, "no check has ever ended well", self.first())
            return
        told, behind = self._told(mark)
        if behind > BEHIND:
            yield fail(self.name, f"{told}: later ones are not", self.fix())
        else:
            yield ok(self.name, told)

    def _told(self, mark: Watermark) -> tuple[str, int]:
        end = mark.window + WINDOW
        behind = max(0, self.clock() - end)
        return f"windows are evaluated up to {iso(end)}, {duration(behind)} ago", behind


@dataclass(frozen=True, slots=True)
class Checks:
    """By CloudWatch: when the last check ended well, how many did, and how many failed."""

    client: Callable[[], CloudWatchClient]
    stack: Callable[[], Stack]
    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    local: bool = False
    """Whether AWS is on this machine: some of those keep no metrics."""
    name: str = "last check"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        well, failed = self._counted(stack)
        log = f"aws logs tail {stack.log_group} --since 20m --format short"
        if well or failed:
            yield self._told(well, failed, log)
        elif self._new():
            told = "CloudWatch knows of none yet, and none has ever ended well"
            yield warn(self.name, told, PATIENTLY + log)
        elif self.local and self._unkept(stack):
            yield warn(self.name, "this local AWS keeps no metrics: see state for the last check")
        else:
            yield fail(self.name, "CloudWatch knows of none in the last 15 minutes", log)

    def _told(self, well: Counted, failed: Counted, log: str) -> Finding:
        ended = sum(well.values())
        told = f"{count(ended, 'check')} ended well in 15 minutes, {sum(failed.values())} failed"
        if not well:
            return fail(self.name, told, log)
        newest = max(well)
        age = max(0, self.clock() - int(newest.timestamp()))
        told = f"{duration(age)} ago; {told}"
        since = sum(number for at, number in failed.items() if at > newest)
        if age > SILENT:
            return fail(self.name, f"none has ended well for 3 minutes: the last {told}", log)
        if since >= IN_A_ROW:
            return fail(self.name, f"the last {since} failed: the last good one {told}", log)
        return warn(self.name, told, log) if failed else ok(self.name, told)

    def _unkept(self, stack: Stack) -> bool:
        """Whether this AWS keeps no metrics: the alarm on missing checks has no data then."""
        found = self.client().describe_alarms(AlarmNames=[f"{stack.name}-no-checks"])
        return any(each.get("StateValue") == "INSUFFICIENT_DATA" for each in found["MetricAlarms"])

    def _new(self) -> bool:
        """Whether no check has ever ended well; what cannot be read is taken for old."""
        try:
            return self.loaded().watermark is None
        except MissingDependency:
            return False

    def _counted(self, stack: Stack) -> tuple[Counted, Counted]:
        """By minute, both without the minutes that have none."""
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
    """Both metrics have the function's name as their dimension (`template.yaml`)."""
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
