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
from headroom_cli.doctor.findings import Findings, fail, ok, warn
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


@dataclass(frozen=True, slots=True)
class Progress:
    """By the watermark, which a check moves last: how far it came."""

    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    way_out: Callable[[], str]
    name: str = "state"

    def look(self) -> Findings:
        """See `Probe`."""
        mark = self.loaded().watermark
        if mark is None:
            yield fail(self.name, "no check has ever ended well", self.way_out())
            return
        told, behind = self._told(mark)
        if behind > BEHIND:
            yield fail(self.name, f"{told}: later ones are not", self.way_out())
        else:
            yield ok(self.name, told)

    def _told(self, mark: Watermark) -> tuple[str, int]:
        end = mark.window + WINDOW
        behind = max(0, self.clock() - end)
        return f"windows are evaluated up to {iso(end)}, {duration(behind)} ago", behind


@dataclass(frozen=True, slots=True)
class Checks:
    """By CloudWatch: how many checks ended well, and how many failed."""

    client: Callable[[], CloudWatchClient]
    stack: Callable[[], Stack]
    clock: Callable[[], Instant]
    name: str = "last check"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        well, failed = self._counted(stack)
        log = f"aws logs tail {stack.log_group} --since 20m --format short"
        ended = sum(well.values())
        told = f"{count(ended, 'check')} ended well in 15 minutes, {sum(failed.values())} failed"
        if not well and not failed:
            yield warn(self.name, "CloudWatch knows of none in the last 15 minutes", log)
        elif not well:
            yield fail(self.name, told, log)
        elif failed:
            yield warn(self.name, told, log)
        else:
            ago = duration(max(0, self.clock() - int(max(well).timestamp())))
            yield ok(self.name, f"{ago} ago; {told}")

    def _counted(self, stack: Stack) -> tuple[Mapping[datetime, int], Mapping[datetime, int]]:
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
