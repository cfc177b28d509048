"""The stack's CloudWatch alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom_cli.console import count
from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef

FIRST = " First, "
"""Starts the fix in every alarm's description (`template.yaml`)."""
DOCTOR = "run headroom doctor --stack {}; then "
"""Starts most fixes; the reader is running doctor already."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Alarms named after the stack that notify its operations topic."""

    client: Callable[[], CloudWatchClient]
    stack: Callable[[], Stack]
    name: str = "alarms"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        again = deploy(stack.name)
        found = list(self._of(stack))
        if not found:
            yield warn(
                self.name, "there are none: nobody is notified when Headroom stops working", again
            )
            return
        in_alarm = [each for each in found if each.get("StateValue") == "ALARM"]
        for each in in_alarm:
            name = each.get("AlarmName", "").removeprefix(f"{stack.name}-")
            problem, _, first = each.get("AlarmDescription", "").partition(FIRST)
            fix = first.removeprefix(DOCTOR.format(stack.name))
            yield fail(f"alarm {name}", problem or each.get("StateReason", ""), fix)
        for each in found:
            if not each.get("ActionsEnabled", True):
                name = each.get("AlarmName", "")
                fix = f"aws cloudwatch enable-alarm-actions --alarm-names {name}"
                yield warn(self.name, f"{name} is disabled: it notifies nobody", fix)
        unsure = sum(each.get("StateValue") == "INSUFFICIENT_DATA" for each in found)
        if not in_alarm:
            blind = f"; {unsure} without data yet" if unsure else ""
            yield ok(self.name, f"none of {count(len(found), 'alarm')} is in ALARM{blind}")
        elif unsure:
            yield warn(self.name, f"{unsure} of {count(len(found), 'alarm')} without data yet")

    def _of(self, stack: Stack) -> Iterator[MetricAlarmTypeDef]:
        pages = self.client().get_paginator("describe_alarms")
        for page in pages.paginate(AlarmNamePrefix=f"{stack.name}-"):
            for each in page["MetricAlarms"]:
                if stack.operations_topic_arn in each.get("AlarmActions", []):
                    yield each
