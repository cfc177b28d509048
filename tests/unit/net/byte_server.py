"""A server on loopback that answers every request with the same bytes, whole or not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Server:
    """Counts the connections that are open on its side."""

    answer: bytes
    url: str = ""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    connections: set[Connection] = field(default_factory=set)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def none_left_but(self, most: int) -> None:
        """Return once no more connections than these are open; the test's time-out ends it."""
        while len(self.connections) > most:
            self.closed.clear()
            await self.closed.wait()


class Connection(asyncio.Protocol):
    """One connection of a client."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._unread = b""
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while b"\r\n\r\n" in self._unread:
            _, self._unread = self._unread.split(b"\r\n\r\n", 1)
            self._server.asked.set()
            assert isinstance(self.transport, asyncio.WriteTransport)
            self.transport.write(self._server.answer)

    def connection_lost(self, _: Exception | None) -> None:
        self._server.connections.discard(self)
        self._server.closed.set()


@asynccontextmanager
async def answering(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    seen = Server(answer)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(seen), "127.0.0.1", 0, ssl=tls)
    seen.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield seen
    finally:
        server.close()
        for each in seen.connections:
            if each.transport:
                each.transport.close()
