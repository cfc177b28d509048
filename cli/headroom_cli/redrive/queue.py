"""The dead-letter queue, read without losing anything.

Facts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
(10 messages at most; some may be missed, and one may come twice).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headroom.state.aws import unavailable
from headroom_cli.redrive.messages import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
MOST = 1000
"""Messages that are taken in one go; what is beyond waits for the next."""
HELD = 300
"""Seconds that what was taken is hidden from others, for somebody to read and agree."""
CLAIMED = 120
"""Seconds that one message is hidden while it is sent: longer than its tries and their waits."""
LOST = frozenset({"MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"})
"""The queue handed the message back to everybody, or to somebody else:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html"""


class Queue:
    """One SQS queue. Every method raises StateUnavailable when SQS fails."""

    def __init__(
        self, client: SQSClient, url: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}
        """By message: its latest receipt, and until when nobody else sees it."""

    def counts(self) -> tuple[int, int]:
        """How many messages are there to be seen, and how many hidden; about, as SQS counts."""
        with unavailable(f"SQS GetQueueAttributes of {self._url}"):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )
        reported = answer["Attributes"]
        visible = int(reported["ApproximateNumberOfMessages"])
        return visible, int(reported["ApproximateNumberOfMessagesNotVisible"])

    def look(self, *, hidden: int = 0, wait: int = 0, most: int = MOST) -> list[Message]:
        """Receive until a pass brings nothing new; others do not see it for `hidden` seconds.

        `wait`: seconds for SQS to ask all its servers; without, it asks some.
        """
        found: dict[str, Message] = {}
        while len(found) < most:
            before = len(found)
            found |= {each.id: each for each in self._receive(hidden, wait)}
            if len(found) == before:
                break
        return list(found.values())

    def take(self, wait: int) -> list[Message]:
        """Everything, hidden from others until it is deleted, handed back, or `HELD` is over."""
        return self.look(hidden=HELD, wait=wait)

    def ours(self, message: Message) -> bool:
        """Whether nobody else can have it. SQS may take an old receipt, so only the time tells."""
        return self._clock() < self._held.get(message.id, ("", 0.0))[1]

    def _receive(self, hidden: int, wait: int) -> list[Message]:
        until = self._clock() + hidden  # SQS counts from its answer: ours ends a little early
        with unavailable(f"SQS ReceiveMessage of {self._url}"):
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH,
                VisibilityTimeout=hidden,
                WaitTimeSeconds=wait,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        messages = [Message.of(received) for received in answer.get("Messages", [])]
        self._held |= {each.id: (each.receipt, until) for each in messages}
        return messages

    def claim(self, message: Message) -> bool:
        """Keep it hidden while it is sent; False: it is not ours any more."""
        if not self.ours(message):
            return False
        until = self._clock() + CLAIMED
        with unavailable(f"SQS ChangeMessageVisibility of {self._url}"):
            try:
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message.receipt, VisibilityTimeout=CLAIMED
                )
            except ClientError as error:
                if error.response["Error"]["Code"].rpartition(".")[2] not in LOST:
                    raise
                del self._held[message.id]
                return False
        self._held[message.id] = message.receipt, until
        return True

    def delete(self, message: Message) -> bool:
        """It is done with; False: it is not ours any more, and stays."""
        if not self.ours(message):
            return False
        with unavailable(f"SQS DeleteMessage of {self._url}"):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)
        del self._held[message.id]
        return True

    def hand_back(self) -> None:
        """Let everybody see at once what is still ours."""
        now = self._clock()
        receipts = [receipt for receipt, until in self._held.values() if now < until]
        self._held.clear()
        for first in range(0, len(receipts), BATCH):
            batch = receipts[first : first + BATCH]
            with unavailable(f"SQS ChangeMessageVisibility of {self._url}"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(place), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                        for place, receipt in enumerate(batch)
                    ],
                )
