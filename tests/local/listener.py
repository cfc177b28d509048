"""A subscriber: an SQS queue that gets what the topic publishes, as the notices' readers would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.local.aws import LocalAws


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: the notice, and the attributes that subscriptions filter by."""

    notice: dict[str, Any]
    attributes: Mapping[str, str]


class Listener:
    """A queue of its own, subscribed with raw delivery; with `only`, to what passes that filter."""

    def __init__(
        self, aws: LocalAws, name: str, topic_arn: str, only: Mapping[str, list[str]] | None = None
    ) -> None:
        self._sqs = aws.client("sqs")
        self.url: str = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self.heard: list[Heard] = []
        """All that came, since `collect` was called last."""
        filtered = {"FilterPolicy": json.dumps(only)} if only else {}
        aws.client("sns").subscribe(
            TopicArn=topic_arn,
            Protocol="sqs",
            Endpoint=arn_of(self._sqs, self.url),
            Attributes={"RawMessageDelivery": "true", **filtered},
        )

    def collect(self) -> list[Heard]:
        """Take what is there; returns all that ever came."""
        while found := self._receive():
            for message in found:
                attributes = {
                    name: each["StringValue"]
                    for name, each in message.get("MessageAttributes", {}).items()
                }
                self.heard.append(Heard(json.loads(message["Body"]), attributes))
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return self.heard

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages


def arn_of(sqs: Any, url: str) -> str:  # noqa: ANN401 (made at run time, from AWS's models)
    """A queue's ARN."""
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])
