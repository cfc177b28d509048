"""A deployed stack: its name is enough to find everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headroom.config.parameter_store import reason
from headroom.errors import ConfigUnavailable, HeadroomError
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
"""What is needed of it, and the template's names for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """What the template's outputs say of one deployment."""

    name: str
    status: str
    """CloudFormation's: `UPDATE_COMPLETE`."""
    parameters: Mapping[str, str]
    prefix: str
    table: str
    topic_arn: str
    operations_topic_arn: str
    """Where the alarms go."""
    queue_url: str
    function: str
    log_group: str

    @property
    def schedule(self) -> str:
        """The template gives schedule and function one name."""
        return self.function


def find(client: CloudFormationClient, name: str) -> Stack:
    """The stack of that name. Raises HeadroomError when there is none, or it is not Headroom's.

    Raises ClientError and BotoCoreError too.
    """
    if not name:
        raise HeadroomError("the name of the stack is empty: expected one such as headroom-prod")
    try:
        (found,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise HeadroomError(
            f"there is no stack {name!r} in {client.meta.region_name}: "
            "is AWS_REGION right, and AWS_PROFILE?"
        ) from None
    return _stack(found)


def found(aws: Aws, name: str, *, prefix: str | None = None, queue_url: str | None = None) -> Stack:
    """The stack of that name, with what is given in place of its own.

    Raises HeadroomError, ConfigUnavailable.
    """
    try:
        stack = find(aws.cloudformation, name)
    except (ClientError, BotoCoreError) as error:
        raise ConfigUnavailable(f"the stack {name} could not be read: {reason(error)}") from None
    return replace(stack, queue_url=queue_url or stack.queue_url, prefix=prefix or stack.prefix)


def _stack(found: StackTypeDef) -> Stack:
    told = {each.get("OutputKey"): each.get("OutputValue", "") for each in found.get("Outputs", [])}
    if missing := [output for output in OUTPUTS.values() if output not in told]:
        raise HeadroomError(
            f"the stack {found['StackName']!r} ({found['StackStatus']}) has no output "
            f"{', '.join(missing)}: is it Headroom's, and whole?"
        )
    given = found.get("Parameters", [])
    return Stack(
        name=found["StackName"],
        status=found["StackStatus"],
        parameters={p.get("ParameterKey", ""): p.get("ParameterValue", "") for p in given},
        **{name: told[output] for name, output in OUTPUTS.items()},
    )
