"""Answers every query as PolyAI would for a line that is well: 13 windows, in another process.

A bare asyncio protocol with ready-made parts, so that what is measured is the client: neither the
tests' server nor the simulator's is fast enough for that.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

FIVE_MINUTES = timedelta(minutes=5)
PEAK = 61


class Lines(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what asyncio promises
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request (a GET has no body)."""
        self._unread += data
        while b"\r\n\r\n" in self._unread:
            head, self._unread = self._unread.split(b"\r\n\r\n", 1)
            body = answer(head.split(b" ", 2)[1].decode())
            opening = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            assert self._transport is not None  # noqa: S101 - connected first
            self._transport.write(opening + str(len(body)).encode() + b"\r\n\r\n" + body)


def answer(target: str) -> bytes:
    """The 13 newest windows of the range, each with the same few calls."""
    parts = urlsplit(target)
    _, _, account, project, *_ = parts.path.split("/")
    end = datetime.fromisoformat(parse_qs(parts.query)["end_time"][0]).astimezone(UTC)
    newest = end.replace(minute=end.minute - end.minute % 5, second=0, microsecond=0)
    intervals = [
        {
            "time": (newest - FIVE_MINUTES * back).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "max_concurrent_conversations": PEAK,
        }
        for back in range(12, -1, -1)
    ]
    document = {"account_id": account, "project_id": project, "intervals": intervals}
    return json.dumps(document).encode()


async def serve() -> None:
    """Print the port, then serve until the parent closes standard input."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Lines, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the parent hears it
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
