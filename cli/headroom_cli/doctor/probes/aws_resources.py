"""The AWS account, the stack, and what the stack runs on: function, schedule and table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
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
"""What the template says."""
EVERY_MINUTE = "cron(* * * * ? *)"
ROOM = 1000
"""Characters of a command that somebody still copies."""
IN_THE_CONSOLE = "enable it in the console: EventBridge, Schedules"
TOLD_ONLY = {"Arn", "CreationDate", "LastModificationDate", "ResponseMetadata", "State"}
"""What Scheduler answers with and does not take, and what is to change."""
EXPIRES = "expires_at"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, and where."""

    account: str
    arn: str
    region: str


def identity(aws: Aws) -> Identity:
    """By GetCallerIdentity, which everybody may call. Raises ClientError, BotoCoreError."""
    found = aws.sts.get_caller_identity()
    return Identity(found["Account"], found["Arn"], aws.region)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account, the region and the role."""

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
    """CloudFormation's word on it."""

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
            yield warn(self.name, f"{detail}: somebody is changing it", "wait, then run this again")
        elif found.status == "UPDATE_ROLLBACK_COMPLETE":
            yield warn(self.name, f"{detail}: the last update failed, the one before runs", events)
        elif found.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
            yield ok(self.name, detail)
        else:
            yield fail(self.name, detail, events)


@dataclass(frozen=True, slots=True)
class Function:
    """Lambda's word on it.

    States: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html (an inactive one
    wakes with the next check).
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
        told = f"{function} is {state}, its last update {update}"
        if state == "Failed" or update == "Failed":
            why = found.get("StateReason") or found.get("LastUpdateStatusReason") or "no reason"
            yield fail(self.name, f"{told}: {why}", again)
        elif (runtime := found.get("Runtime")) != PYTHON:
            yield warn(self.name, f"{told}, on {runtime}, not {PYTHON}", again)
        else:
            yield ok(self.name, f"{told}, on {runtime}")
        kept = self.client().get_function_concurrency(FunctionName=function)
        if kept.get("ReservedConcurrentExecutions") == 0:
            fix = f"aws lambda delete-function-concurrency --function-name {function}"
            yield fail(self.name, f"{function} is throttled to nothing: no check runs", fix)


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


@dataclass(frozen=True, slots=True)
class Table:
    """DynamoDB's word on it."""

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
            yield warn(self.name, f"{table} keeps what has expired: TTL is {expiry[0]}", again)
        elif status in {"ACTIVE", "UPDATING"}:
            yield ok(self.name, f"{table} is {status}, expiry is on")
