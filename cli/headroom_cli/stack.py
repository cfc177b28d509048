"""A deployed stack, found by its name: its outputs name everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headroom.config.parameter_store import reason
from headroom.errors import ConfigUnavailable, InvalidInput
from headroom_cli.aws import Aws

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

OUTPUTS = {
    "prefix": "Prefix",
    "table": "Table",
    "topic_arn": "TopicArn",
    "operations_topic_arn": "OperationsTopicArn",
    "queue_url": "DeadLetterQueueUrl",
    "function": "FunctionName",
    "log_group": "LogGroup",
}
"""Field of `Stack`: the template's output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One deployment: its status, parameters and outputs."""

    name: str
    status: str
    """CloudFormation's, such as `UPDATE_COMPLETE`."""
    parameters: Mapping[str, str]
    prefix: str
    table: str
    topic_arn: str
    operations_topic_arn: str
    """Receives the alarms."""
    queue_url: str
    function: str
    log_group: str

    @property
    def schedule(self) -> str:
        """The schedule's name; the template gives it the function's."""
        return self.function

    @property
    def making(self) -> str:
        """The name of the function that makes baselines, and of its schedule."""
        return f"{self.name}-baseline"


def find(client: CloudFormationClient, name: str) -> Stack:
    """Find a stack by name. Raises InvalidInput if it does not exist or is not Headroom's.

    Also raises ClientError and BotoCoreError.
    """
    if not name:
        raise InvalidInput("the stack name is empty: give one such as headroom-prod")
    try:
        (found,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise InvalidInput(
            f"there is no stack {name!r} in {client.meta.region_name}: "
            "is AWS_REGION right, and AWS_PROFILE?"
        ) from None
    return _stack(found)


def resolve_stack(
    aws: Aws, name: str, *, prefix: str | None = None, queue_url: str | None = None
) -> Stack:
    """Find a stack by name and apply the operator's overrides.

    Raises InvalidInput, ConfigUnavailable.
    """
    try:
        stack = find(aws.cloudformation, name)
    except (ClientError, BotoCoreError) as error:
        raise ConfigUnavailable(f"the stack {name} could not be read: {reason(error)}") from None
    return replace(stack, queue_url=queue_url or stack.queue_url, prefix=prefix or stack.prefix)


def _stack(found: StackTypeDef) -> Stack:
    outputs = {
        each.get("OutputKey"): each.get("OutputValue", "") for each in found.get("Outputs", [])
    }
    if missing := [output for output in OUTPUTS.values() if output not in outputs]:
        # A stack that is being deployed may have its outputs soon: a later try helps.
        busy = found["StackStatus"].endswith("_IN_PROGRESS")
        raise (ConfigUnavailable if busy else InvalidInput)(
            f"the stack {found['StackName']!r} ({found['StackStatus']}) has no output "
            f"{', '.join(missing)}: is it a Headroom stack, fully deployed?"
        )
    given = found.get("Parameters", [])
    return Stack(
        name=found["StackName"],
        status=found["StackStatus"],
        parameters={p.get("ParameterKey", ""): p.get("ParameterValue", "") for p in given},
        **{name: outputs[output] for name, output in OUTPUTS.items()},
    )
