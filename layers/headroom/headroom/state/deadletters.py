"""The dead-letter queue: notices that no try can deliver any more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from headroom.state.aws import unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsDeadLetters:
    """A `DeadLetters` on SQS: one message for each notice and channel, as JSON."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        """Take a function that gives the client: it is made when it is first needed."""
        self._client = client
        self._queue_url = queue_url

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """See the port."""
        letter = json.dumps({"notice": notice, "channel": channel, "reason": reason})
        with unavailable(f"SQS SendMessage to {self._queue_url}"):
            client = self._client()  # here, not in the thread: boto3's sessions are not for threads
            await asyncio.to_thread(
                client.send_message, QueueUrl=self._queue_url, MessageBody=letter
            )
