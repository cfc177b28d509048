"""Messages in the dead-letter queue, classified by their shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from headroom.domain.notices import Notice
from headroom.domain.windows import Instant
from headroom_cli.redrive.notice_json import read_notice

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class MessageKind(Enum):
    """What a message is, in the singular and the plural."""

    NOTICE = ("notice", "notices")
    CHECK = ("failed check", "failed checks")
    EVENT = ("event that reached no check", "events that reached no check")
    VERSION = ("notice of another version", "notices of another version")
    OTHER = ("message that Headroom did not write", "messages that Headroom did not write")

    def counted(self, number: int) -> str:
        """Format a number of them: `2 failed checks`."""
        return f"{number:,} {self.value[number != 1]}"


@dataclass(frozen=True, slots=True)
class Message:
    """One received message."""

    id: str
    receipt: str
    """Identifies this receipt of the message in later requests."""
    sent_at: Instant
    body: Any
    """The parsed JSON; None if it is not JSON."""

    @classmethod
    def of(cls, received: MessageTypeDef) -> Message:
        """Parse a message of ReceiveMessage, requested with the attribute `SentTimestamp`."""
        try:
            body = json.loads(received["Body"])
        except (ValueError, RecursionError):
            body = None
        sent = int(received["Attributes"]["SentTimestamp"]) // 1000  # it is in milliseconds
        return cls(received["MessageId"], received["ReceiptHandle"], sent, body)

    @property
    def kind(self) -> MessageKind:
        """Classify the message by its fields.

        A failed invocation: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        if not isinstance(self.body, Mapping):
            return MessageKind.OTHER
        if {"notice", "channel", "reason"} <= self.body.keys():
            return MessageKind.NOTICE
        if "requestContext" in self.body:
            return MessageKind.CHECK
        return MessageKind.EVENT if "time" in self.body else MessageKind.OTHER


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One notice that one channel never accepted, with all its copies in the queue."""

    notice: Notice
    channel: str
    reason: str
    """Why delivery was given up."""
    copies: tuple[Message, ...]

    @property
    def lane(self) -> tuple[str, str]:
        """Channel and alert: sends of one lane keep their order."""
        return self.channel, self.notice.alert_id


def dead_letter(message: Message) -> DeadLetter:
    """Parse a message that is a notice. Raises ValueError if it is invalid."""
    body = message.body
    if not isinstance(body["notice"], dict):
        raise ValueError("notice: expected an object")  # noqa: TRY004 (invalid input, not a wrong call)
    channel, reason = str(body["channel"]), str(body["reason"])
    return DeadLetter(read_notice(body["notice"]), channel, reason, (message,))
