"""What lies in the dead-letter queue, told apart by its shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headroom.domain.notices import Notice
from headroom.domain.windows import Instant
from headroom_cli.redrive.notice_json import read_notice

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef


class Sort(StrEnum):
    """What a message is; all but notices only say that a check did not come about."""

    NOTICE = "notice"
    CHECK = "failed check"
    EVENT = "event that reached no check"
    VERSION = "notice of another version"
    OTHER = "message that Headroom did not write"


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the queue handed it out."""

    id: str
    receipt: str
    """What SQS wants to see with any order about it."""
    sent_at: Instant
    body: Any
    """The JSON, None when it is none."""

    @classmethod
    def of(cls, received: MessageTypeDef) -> Message:
        """One of ReceiveMessage's answer, asked for with the attribute `SentTimestamp`."""
        try:
            body = json.loads(received["Body"])
        except (ValueError, RecursionError):
            body = None
        sent = int(received["Attributes"]["SentTimestamp"]) // 1000  # it is in milliseconds
        return cls(received["MessageId"], received["ReceiptHandle"], sent, body)

    @property
    def sort(self) -> Sort:
        """What it is.

        A function's failure: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
        """
        if not isinstance(self.body, Mapping):
            return Sort.OTHER
        if {"notice", "channel", "reason"} <= self.body.keys():
            return Sort.NOTICE
        if "requestContext" in self.body:
            return Sort.CHECK
        return Sort.EVENT if "time" in self.body else Sort.OTHER


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice that one channel never took, with every copy of it in the queue."""

    notice: Notice
    channel: str
    reason: str
    """Why it was given up."""
    copies: tuple[Message, ...]

    @property
    def line(self) -> tuple[str, str]:
        """Alert and channel: within one, order matters."""
        return self.channel, self.notice.alert_id


def letter(message: Message) -> Letter:
    """Read a message that is a notice. Raises ValueError, which says what is wrong with it."""
    body = message.body
    if not isinstance(body["notice"], dict):
        raise ValueError("notice: expected an object")  # noqa: TRY004 (bad input, whatever its type)
    channel, reason = str(body["channel"]), str(body["reason"])
    return Letter(read_notice(body["notice"]), channel, reason, (message,))
