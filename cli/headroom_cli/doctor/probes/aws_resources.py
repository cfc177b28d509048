"""The AWS account, the stack, and what the stack runs on: function, schedule and table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from shlex import quote
from typing import TYPE_CHECKING

from headroom_cli.aws import Aws
from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.doctor.explain import LOG_IN
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import GetScheduleOutputTypeDef

PYTHON = "python3.13"
"""The template's runtime."""
EVERY_MINUTE = "cron(* * * * ? *)"
EVERY_HOUR = "cron(17 * * * ? *)"
ROOM = 1000
"""Longest command, in characters, that a person would copy."""
IN_THE_CONSOLE = "enable it in the console: EventBridge, Schedules"
READ_ONLY = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "State"}
"""Fields of GetSchedule's answer that UpdateSchedule does not accept, and the one to change."""
EXPIRES = "expires_at"


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller: account, role and region."""

    account: str
    arn: str
    region: str


def identity(aws: Aws) -> Identity:
    """Ask STS, which needs no permission. Raises ClientError, BotoCoreError."""
    found = aws.sts.get_caller_identity()
    return Identity(found["Account"], found["Arn"], aws.region)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whether AWS accepts the operator's credentials, and a region is set."""

    identity: Callable[[], Identity]
    name: str = "credentials"

    def look(self) -> Findings:
        """See `Probe`."""
        found = self.identity()
        if not found.region:
            yield fail(self.name, "no region is set", LOG_IN)
        yield ok(self.name, f"account {found.account}, {found.region}, as {found.arn}")


@dataclass(frozen=True, slots=True)
class StackProbe:
    """Whether the stack exists and its last deployment succeeded."""

    stack: Callable[[], Stack]
    name: str = "stack"

    def look(self) -> Findings:
        """See `Probe`.

        Statuses: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
        """
        found = self.stack()
        detail = f"{found.name} is {found.status}"
        events = f"aws cloudformation describe-stack-events --stack-name {found.name}"
        if found.status.endswith("_IN_PROGRESS"):
            yield warn(self.name, f"{detail}: a deployment is running", "wait, then run this again")
        elif found.status == "UPDATE_ROLLBACK_COMPLETE":
            yield warn(
                self.name, f"{detail}: the last update failed, the previous version runs", events
            )
        elif found.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
            yield ok(self.name, detail)
        else:
            yield fail(self.name, detail, events)


@dataclass(frozen=True, slots=True)
class Function:
    """Whether the function is active and may run.

    States: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html (an inactive
    one starts again with the next check).
    """

    client: Callable[[], LambdaClient]
    stack: Callable[[], Stack]
    name: str = "function"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        function, again = stack.function, deploy(stack.name)
        found = self.client().get_function_configuration(FunctionName=function)
        state, update = found.get("State", ""), found.get("LastUpdateStatus", "")
        detail = f"{function} is {state}, its last update {update}"
        if state == "Failed" or update == "Failed":
            why = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason"
            yield fail(self.name, f"{detail}: {why}", again)
        elif (runtime := found.get("Runtime")) != PYTHON:
            yield warn(self.name, f"{detail}, on {runtime}, not {PYTHON}", again)
        else:
            yield ok(self.name, f"{detail}, on {runtime}")
        kept = self.client().get_function_concurrency(FunctionName=function)
        if kept.get("ReservedConcurrentExecutions") == 0:
            fix = f"aws lambda delete-function-concurrency --function-name {function}"
            yield fail(self.name, f"{function} has a concurrency limit of 0: no check runs", fix)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Whether a schedule is enabled, and how often it runs: the one of the checks by default."""

    client: Callable[[], EventBridgeSchedulerClient]
    stack: Callable[[], Stack]
    which: Callable[[Stack], str] = attrgetter("schedule")
    """Its name."""
    expression: str = EVERY_MINUTE
    often: str = "every minute"
    without: str = "no check runs"
    """What its absence means."""
    name: str = "schedule"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        schedule = self.which(stack)
        found = self.client().get_schedule(Name=schedule)
        expression = found.get("ScheduleExpression", "")
        if found.get("State") != "ENABLED":
            detail = f"{schedule} is {found.get('State', 'gone')}: {self.without}"
            yield fail(self.name, detail, _enable(found))
        elif expression != self.expression:
            detail = f"{schedule} runs at {expression}, not {self.often}"
            yield warn(self.name, detail, deploy(stack.name))
        else:
            yield ok(self.name, f"{schedule} is ENABLED, {self.often}")


def _enable(found: GetScheduleOutputTypeDef) -> str:
    """Return the command that enables the schedule; an omitted field would get its default.

    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
    """
    kept = {name: each for name, each in found.items() if name not in READ_ONLY}
    written = quote(json.dumps(kept, separators=(",", ":"), default=str))
    command = f"aws scheduler update-schedule --state ENABLED --cli-input-json {written}"
    return command if len(command) <= ROOM else IN_THE_CONSOLE


@dataclass(frozen=True, slots=True)
class Table:
    """Whether the table is active and deletes expired items."""

    client: Callable[[], DynamoDBClient]
    stack: Callable[[], Stack]
    name: str = "table"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        table, again = stack.table, deploy(stack.name)
        status = self.client().describe_table(TableName=table)["Table"].get("TableStatus", "")
        if status not in {"ACTIVE", "UPDATING"}:
            yield fail(self.name, f"{table} is {status}", again)
        found = self.client().describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        expiry = found.get("TimeToLiveStatus", ""), found.get("AttributeName")
        if expiry not in {("ENABLED", EXPIRES), ("ENABLING", EXPIRES)}:
            yield warn(
                self.name, f"{table} does not delete expired items: TTL is {expiry[0]}", again
            )
        elif status in {"ACTIVE", "UPDATING"}:
            yield ok(self.name, f"{table} is {status}, TTL is on")
