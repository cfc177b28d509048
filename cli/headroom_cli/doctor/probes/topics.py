"""Whether the SNS topics have subscribers, and whether the function may publish to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from headroom.config.channels import SnsModel
from headroom_cli.console import count
from headroom_cli.doctor.configuration import OperatorConfig
from headroom_cli.doctor.engine import Finding, Findings, fail, ok, warn
from headroom_cli.doctor.explain import explain
from headroom_cli.doctor.remedies import deploy
from headroom_cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, slots=True)
class StackTopics:
    """The stack's own topics: the channel `default`, and the alarms'."""

    client: Callable[[], SNSClient]
    stack: Callable[[], Stack]
    name: str = "topics"

    def look(self) -> Findings:
        """See `Probe`."""
        stack = self.stack()
        yield listeners(self.client(), "channel default", stack.topic_arn)
        yield listeners(self.client(), "operations topic", stack.operations_topic_arn)


@dataclass(frozen=True, slots=True)
class ChannelTopics:
    """The topics of the operator's channels; `stack` is None on a laptop."""

    client: Callable[[], SNSClient]
    setup: Callable[[], OperatorConfig]
    stack: Callable[[], Stack] | None
    name: str = "topics of channels"

    def look(self) -> Findings:
        """See `Probe`."""
        for name, model in self.setup().configuration.channels.items():
            if isinstance(model, SnsModel):
                yield listeners(self.client(), f"channel {name}", model.topic_arn)
                yield from self._permitted(f"channel {name}", model.topic_arn)

    def _permitted(self, subject: str, arn: str) -> Iterator[Finding]:
        if self.stack is None:
            return
        stack = self.stack()
        written = stack.parameters.get("TopicArns", "").split(",")
        permitted = [each.strip() for each in written if each.strip()]
        if arn not in {stack.topic_arn, *permitted}:
            detail = "the function may not publish to its topic"
            wanted = f"TopicArns={','.join([*permitted, arn])}"
            yield fail(subject, detail, deploy(stack.name, wanted))


def listeners(client: SNSClient, subject: str, arn: str) -> Finding:
    """Count a topic's subscriptions. An error concerns this topic only."""
    try:
        attributes = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    except (ClientError, BotoCoreError) as error:
        return explain(subject, error)
    confirmed = int(attributes.get("SubscriptionsConfirmed", 0))
    pending = int(attributes.get("SubscriptionsPending", 0))
    waiting = f"; {count(pending, 'subscription')} not confirmed yet" if pending else ""
    if confirmed:
        return ok(subject, f"{count(confirmed, 'subscription')}{waiting}")
    subscribe = f"aws sns subscribe --topic-arn {arn} --protocol email --notification-endpoint"
    fix = "open the link in the email from AWS" if pending else f"{subscribe} you@example.com"
    return warn(subject, f"nobody is subscribed{waiting}", fix)
