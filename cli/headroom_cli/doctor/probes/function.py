"""Whether the function is ready to run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headroom_cli.doctor.engine import Findings, fail, ok, warn
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PYTHON = "python3.13"
"""What the template says."""


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
            way_out = f"aws lambda delete-function-concurrency --function-name {function}"
            yield fail(self.name, f"{function} is throttled to nothing: no check runs", way_out)
