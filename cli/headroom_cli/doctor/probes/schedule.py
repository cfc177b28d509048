"""Whether anything starts the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom_cli.doctor.findings import Findings, fail, ok, warn
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

EVERY_MINUTE = "cron(* * * * ? *)"


@dataclass(frozen=True, slots=True)
class Schedule:
    """EventBridge Scheduler's word on it."""

    client: Callable[[], EventBridgeSchedulerClient]
    stack: Callable[[], Stack]
    name: str = "schedule"

    def look(self) -> Findings:
        """See `Probe`."""
        schedule = self.stack().schedule
        found = self.client().get_schedule(Name=schedule)
        expression = found.get("ScheduleExpression", "")
        if found.get("State") != "ENABLED":
            told = f"{schedule} is {found.get('State', 'gone')}: no check runs"
            yield fail(self.name, told, "enable it in the console: EventBridge, Schedules")
        elif expression != EVERY_MINUTE:
            told = f"{schedule} runs at {expression}, not every minute"
            yield warn(self.name, told, "deploy again: make deploy")
        else:
            yield ok(self.name, f"{schedule} is ENABLED, every minute")
