"""The dead-letter queue: notices that no later attempt can deliver."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from typing import TYPE_CHECKING

from headroom.aws_errors import unavailable
from headroom.domain.formatting import shorten
from headroom.net.threads import Threads

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LARGEST = 262_144
"""Bytes of one message (docs.aws.amazon.com, SQS, "Amazon SQS message quotas")."""

THREADS = 4
"""Few notices are given up, and each channel puts one at a time."""

_TEXT = 500
_NAME = 200
"""Characters; a character is at most 12 bytes of JSON."""


class SqsDeadLetters:
    """A `DeadLetters` on SQS: one message for each notice and channel, as JSON."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        """Take a function that gives the client: it is made when it is first needed."""
        self._client = client
        self._queue_url = queue_url
        self._threads = Threads(THREADS, "dead-letters")

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """See the port; a notice that is too large for SQS loses its readings, then long texts."""
        body = message(notice, channel, reason)
        with unavailable(f"SQS SendMessage to {self._queue_url}"):
            client = self._client()  # here, not in the thread: boto3's sessions are not for threads
            await self._threads.run(client.send_message, QueueUrl=self._queue_url, MessageBody=body)

    async def close(self) -> None:
        """Begin no further call."""
        await self._threads.close()


def message(notice: Mapping[str, object], channel: str, reason: str) -> str:
    """Write the message, in ASCII, as complete as `LARGEST` allows."""
    made = ""
    for smaller, name, why in _smaller_and_smaller(notice, channel, reason):
        made = json.dumps({"notice": smaller, "channel": name, "reason": why})
        if len(made) <= LARGEST:
            break
    return made


def _smaller_and_smaller(
    notice: Mapping[str, object], channel: str, reason: str
) -> Iterator[tuple[Mapping[str, object], str, str]]:
    """Drop the readings first, then cut the long texts, then every text."""
    yield notice, channel, reason
    notice = {**notice, "readings": []}
    yield notice, channel, reason
    reason = shorten(reason, _TEXT)
    notice = _cut(notice, ("description", "reason"), _TEXT)
    yield notice, channel, reason
    notice = {**_cut(notice, notice, _NAME), "details": {}}
    yield notice, shorten(channel, _NAME), reason


def _cut(notice: Mapping[str, object], names: Container[str], length: int) -> dict[str, object]:
    return {
        name: shorten(field, length) if name in names and isinstance(field, str) else field
        for name, field in notice.items()
    }
