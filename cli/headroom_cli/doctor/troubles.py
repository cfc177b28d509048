"""What stood in a probe's way, as a finding: which permission is missing, what to set."""

from __future__ import annotations

import re

from botocore.exceptions import BotoCoreError, ClientError

from headroom.bugs import places
from headroom.config.parameter_store import reason
from headroom.domain.wording import ascii_line, shorten
from headroom.errors import HeadroomError, StateUnavailable
from headroom_cli.doctor.findings import Finding, fail, warn

ACTIONS = {
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
"""What doctor asks of AWS, and the permission for it. Asking who one is needs none."""

VITAL = "DescribeStacks"
"""Without it nothing else can be found."""

_DENIED = re.compile(r"AccessDenied|AuthorizationError|UnauthorizedOperation|NotAuthorized")
_EXPIRED = re.compile(r"Expired|InvalidClientTokenId|UnrecognizedClient|InvalidToken|SignatureDoes")
_NAMED = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z0-9]+)")
_ROOM = 300

ALLOW = "allow it to your role: docs/operations.md, The operator's permissions"
LOG_IN = "export AWS_PROFILE=... AWS_REGION=..., or log in again: aws sso login"


class Unmade(StateUnavailable):
    """Something is not there yet; `way_out` makes it."""

    def __init__(self, problem: str, way_out: str) -> None:
        super().__init__(problem)
        self.way_out = way_out


def trouble(what: str, error: BaseException) -> Finding:
    """The finding of a probe that could not go on."""
    behind = error.__context__ if isinstance(error, HeadroomError) else error
    if isinstance(behind, ClientError) and _DENIED.search(_code(behind)):
        level = fail if behind.operation_name == VITAL else warn
        return level(what, f"not looked at: your role lacks {_action(behind)}", ALLOW)
    if isinstance(error, HeadroomError):
        return fail(what, str(error), error.way_out if isinstance(error, Unmade) else "")
    if isinstance(error, ClientError):
        way_out = LOG_IN if _EXPIRED.search(_code(error)) else ""
        return fail(what, f"{_action(error)} was answered with {_said(error)}", way_out)
    if isinstance(error, BotoCoreError):
        told = reason(error)  # with the fix, where it knows one
        return fail(what, told, "" if ": " in told else LOG_IN)
    return fail(what, places([error])[0], "please report it")


def _code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code", "unknown"))


def _message(error: ClientError) -> str:
    """Its first line: below it a refused signature has the request's headers, token and all."""
    return ascii_line(error.response["Error"].get("Message", "").partition("\n")[0])


def _said(error: ClientError) -> str:
    return shorten(f"{_code(error)}: {_message(error)}", _ROOM)


def _action(error: ClientError) -> str:
    """The permission, which may be another's than the operation's own: kms:Decrypt."""
    named = _NAMED.search(_message(error))
    return named[1] if named else ACTIONS.get(error.operation_name, error.operation_name)
