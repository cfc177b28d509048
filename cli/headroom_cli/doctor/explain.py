"""Turns a probe's error into a finding: the missing permission, the variable to set."""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSLError,
)

from headroom.config.parameter_store import reason
from headroom.domain.formatting import ascii_line, shorten
from headroom.errors import HeadroomError, StateUnavailable, places
from headroom_cli.doctor.engine import Finding, fail, warn

ACTIONS = {
    "BatchGetItem": "dynamodb:BatchGetItem",
    "DescribeAlarms": "cloudwatch:DescribeAlarms",
    "DescribeStacks": "cloudformation:DescribeStacks",
    "DescribeTable": "dynamodb:DescribeTable",
    "DescribeTimeToLive": "dynamodb:DescribeTimeToLive",
    "GetFunctionConcurrency": "lambda:GetFunctionConcurrency",
    "GetFunctionConfiguration": "lambda:GetFunctionConfiguration",
    "GetItem": "dynamodb:GetItem",
    "GetMetricData": "cloudwatch:GetMetricData",
    "GetParameterHistory": "ssm:GetParameterHistory",
    "GetParameters": "ssm:GetParameters",
    "GetParametersByPath": "ssm:GetParametersByPath",
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "GetSchedule": "scheduler:GetSchedule",
    "GetTopicAttributes": "sns:GetTopicAttributes",
    "Query": "dynamodb:Query",
    "ReceiveMessage": "sqs:ReceiveMessage",
}
"""AWS operations that doctor calls: the permission each needs. GetCallerIdentity needs none."""

VITAL = "DescribeStacks"
"""Nothing else can be found without it."""

_DENIED = re.compile(r"AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized")
_EXPIRED = re.compile(r"Expired|InvalidClientTokenId|UnrecognizedClient|InvalidToken|SignatureDoes")
_NAMED = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
_ROOM = 300

EXPLAINED = (
    NoCredentialsError,
    PartialCredentialsError,
    NoRegionError,
    ProfileNotFound,
    ConnectTimeoutError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
"""Errors for which `reason` names the fix itself."""
ALLOW = "allow it to your role: docs/operations.md, The operator's permissions"
LOG_IN = "export AWS_PROFILE=... AWS_REGION=..., or log in again: aws sso login"


class NotCreatedYet(StateUnavailable):
    """Something does not exist yet; `fix` creates it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.fix = fix


def explain(subject: str, error: BaseException) -> Finding:
    """Return the finding for a probe that ended with this error."""
    behind = error.__context__ if isinstance(error, HeadroomError) else error
    if isinstance(behind, ClientError) and _DENIED.search(_code(behind)):
        status = fail if behind.operation_name == VITAL else warn
        return status(subject, f"not examined: your role lacks {_action(behind)}", ALLOW)
    if isinstance(error, HeadroomError):
        return fail(subject, str(error), error.fix if isinstance(error, NotCreatedYet) else "")
    if isinstance(error, ClientError):
        fix = LOG_IN if _EXPIRED.search(_code(error)) else ""
        return fail(subject, f"{_action(error)} was answered with {_said(error)}", fix)
    if isinstance(error, BotoCoreError):
        return fail(subject, reason(error), "" if isinstance(error, EXPLAINED) else LOG_IN)
    return fail(subject, places([error])[0], "this is a bug in Headroom: please report it")


def _code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code", "unknown"))


def _message(error: ClientError) -> str:
    """Return the first line: after a rejected signature, the rest contains the session token."""
    return ascii_line(error.response["Error"].get("Message", "").partition("\n")[0])


def _said(error: ClientError) -> str:
    return shorten(f"{_code(error)}: {_message(error)}", _ROOM)


def _action(error: ClientError) -> str:
    """Name the permission: the one AWS names (it may be kms:Decrypt), else the operation's."""
    named = _NAMED.search(_message(error))
    return named[1] if named else ACTIONS.get(error.operation_name, error.operation_name)
