"""Whether anything starts the checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import GetScheduleOutputTypeDef

EVERY_MINUTE = "cron(* * * * ? *)"
ROOM = 1000
"""Characters of a command that somebody still copies."""
IN_THE_CONSOLE = "enable it in the console: EventBridge, Schedules"
TOLD_ONLY = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "State"}
"""What Scheduler answers with and does not take, and what is to change."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """EventBridge Scheduler's word on it."""

    client: Callable[[], EventBridgeSchedulerClient]
    stack: Callable[[], Stack]
    name: str = "schedule"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        schedule = stack.schedule
        found = self.client().get_schedule(Name=schedule)
        expression = found.get("ScheduleExpression", "")
        if found.get("State") != "ENABLED":
            told = f"{schedule} is {found.get('State', 'gone')}: no check runs"
            yield fail(self.name, told, _enable(found))
        elif expression != EVERY_MINUTE:
            told = f"{schedule} runs at {expression}, not every minute"
            yield warn(self.name, told, deploy(stack.name))
        else:
            yield ok(self.name, f"{schedule} is ENABLED, every minute")


def _enable(found: GetScheduleOutputTypeDef) -> str:
    """All of it: what an update leaves out falls back to Scheduler's defaults.

    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
    """
    kept = {name: each for name, each in found.items() if name not in TOLD_ONLY}
    written = quote(json.dumps(kept, separators=(",", ":"), default=str))
    command = f"aws scheduler update-schedule --state ENABLED --cli-input-json {written}"
    return command if len(command) <= ROOM else IN_THE_CONSOLE
