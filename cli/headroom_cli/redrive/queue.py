"""The dead-letter queue, read without losing a message.

Facts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
(at most 10 messages per request; some may be missing, and one may come twice).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from headroom.aws_errors import unavailable
from headroom_cli.redrive.messages import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
MOST = 1000
"""Messages that are taken in one run; the rest waits for the next."""
HELD = 300
"""Seconds that taken messages are hidden from others, while the operator decides."""
CLAIMED = 120
"""Seconds that a message is hidden while it is sent: longer than all attempts and waits."""
LOST = frozenset({"MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"})
"""The visibility timeout expired, and somebody else may have received the message:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html"""


class Queue:
    """One SQS queue. Every method raises StateUnavailable if SQS fails."""

    def __init__(
        self, client: SQSClient, url: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._url = url
        self._clock = clock
        self._held: dict[str, tuple[str, float]] = {}
        """By message id: the latest receipt, and until when it is hidden from others."""

    def counts(self) -> tuple[int, int]:
        """Return the approximate numbers of visible and of hidden messages."""
        with unavailable(f"SQS GetQueueAttributes of {self._url}"):
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                ],
            )
        counts = answer["Attributes"]
        visible = int(counts["ApproximateNumberOfMessages"])
        return visible, int(counts["ApproximateNumberOfMessagesNotVisible"])

    def look(self, *, hidden: int = 0, wait: int = 0, most: int = MOST) -> list[Message]:
        """Receive until nothing new comes, hiding the messages from others for `hidden` seconds.

        `wait`: seconds of long polling, which asks all of SQS's servers; 0 asks some.
        """
        found: dict[str, Message] = {}
        while len(found) < most:
            before = len(found)
            found |= {each.id: each for each in self._receive(hidden, wait)}
            if len(found) == before:
                break
        return list(found.values())

    def take(self, wait: int) -> list[Message]:
        """Receive everything, hidden from others until deleted, released, or `HELD` has passed."""
        return self.look(hidden=HELD, wait=wait)

    def ours(self, message: Message) -> bool:
        """Whether the message is still hidden, by the time: SQS may accept an old receipt."""
        return self._clock() < self._held.get(message.id, ("", 0.0))[1]

    def _receive(self, hidden: int, wait: int) -> list[Message]:
        until = self._clock() + hidden  # SQS counts from its answer, so this ends a little earlier
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
        """Extend the visibility timeout for a send; False if it has expired."""
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
        """Delete the message; False if its visibility timeout has expired."""
        if not self.ours(message):
            return False
        with unavailable(f"SQS DeleteMessage of {self._url}"):
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)
        del self._held[message.id]
        return True

    def release(self) -> None:
        """Make all messages that are still hidden visible at once."""
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
