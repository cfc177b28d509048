"""A real server on loopback that says exactly what a test wants, byte for byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from headroom.domain.readings import Answer, Failure
from headroom.polyai.client import PolyAI
from tests.builders import T0
from tests.unit.polyai.helpers import LINE, PLENTY, WHOLE_PROJECT, FakeKeys, as_bytes, failed


def whole(content: bytes) -> bytes:
    """An answer with status 200."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


HONEST = whole(as_bytes())


@dataclass
class Server:
    """Counts what it sees; `answer` writes to each request."""

    answer: Callable[[asyncio.StreamWriter], Awaitable[None]]
    url: str = ""
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.update(filter(None, [asyncio.current_task()]))
        try:
            while True:
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self.answer(writer)
                finally:
                    self.in_flight -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()


@asynccontextmanager
async def serving(
    answer: Callable[[asyncio.StreamWriter], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Server]:
    seen = Server(answer)
    server = await asyncio.start_server(seen.serve, "127.0.0.1", 0, ssl=tls)
    scheme, port = "https" if tls else "http", server.sockets[0].getsockname()[1]
    seen.url = f"{scheme}://127.0.0.1:{port}"
    try:
        yield seen
    finally:
        server.close()
        for task in seen.tasks:
            task.cancel()
        await asyncio.gather(*seen.tasks, return_exceptions=True)


async def honest(writer: asyncio.StreamWriter) -> None:
    writer.write(HONEST)
    await writer.drain()


async def no_wait(_: float) -> None:
    """Retry at once."""


@asynccontextmanager
async def client_of(
    url: str,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = no_wait,
) -> AsyncIterator[PolyAI]:
    client = PolyAI(FakeKeys(), base_url=url, loopback=True, transport=transport, sleep=sleep)
    try:
        yield client
    finally:
        await client.close()


async def fetch_from(client: PolyAI, remaining: Callable[[], float] = PLENTY) -> Answer | Failure:
    return await client.fetch(LINE, WHOLE_PROJECT, T0, T0 + 200, remaining=remaining)


async def failing(fetch: Coroutine[Any, Any, Answer | Failure]) -> Failure:
    return failed(await fetch)
