"""The tests' HTTP server on loopback: it answers what a test says, byte for byte, or not at all.

`serving` runs on the test's own event loop, `answering` in a thread for tests without one; both
record what they were sent. Neither pytest-httpserver nor the simulator's server can send invalid
HTTP, stop half-way or count connections, which is what most of these tests need.
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, cast

from anyio.from_thread import start_blocking_portal


@dataclass(frozen=True)
class Request:
    """One request as it arrived; the names of its headers are lower-case."""

    head: bytes
    body: bytes = b""

    @property
    def path(self) -> str:  # with its query
        return self.head.split(b" ", 2)[1].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return {name.lower(): value.strip() for name, _, value in pairs}

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True)
class Answer:
    """A proper answer, with its length and date."""

    status: int
    body: str | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        """As it is sent."""
        body = self.body.encode() if isinstance(self.body, str) else self.body
        known = self.status in HTTPStatus.__members__.values()
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase if known else '.'}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True)
class Cut:
    """These bytes, then the end of the connection."""

    content: bytes = b""


HANG = b""
"""Nothing at all, for as long as the other side waits."""
HANG_UP = Cut()
NO_TLS = Cut(b"HTTP/1.1 400 Bad Request\r\n\r\n")
"""No TLS client takes it for a greeting."""

Said = Answer | Cut | bytes
"""Bytes go as they are, whole or not; the connection stays open."""
Answers = Callable[[Request], Said]
Writes = Callable[[asyncio.StreamWriter], Awaitable[None]]
Script = Said | Answers | Writes
"""The same to every request, what a function makes of it, or what a coroutine writes by itself."""


@dataclass
class Server:
    """Where it is, what it says from now on, and what it has seen."""

    answer: Script
    greeting: Cut | None = None
    """What it says before it is asked anything."""
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    """How many were ever opened."""
    open: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[Server], object]) -> None:
        """Return once this holds (on the server's own loop); the test's time-out ends it."""
        while not holds(self):
            self._changed.clear()
            await self._changed.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until either side ends it."""
        self.connections += 1
        self.open += 1
        self._tasks.update(filter(None, [asyncio.current_task()]))
        try:
            if self.greeting:
                await _write(self.greeting, writer)
            while not writer.is_closing():
                await self._exchange(await _read(reader), writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
            self.open -= 1
            self._changed.set()

    async def _exchange(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.requests.append(request)
        self._changed.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await _say(self.answer, request, writer)
        finally:
            self.in_flight -= 1

    async def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request:
    request = Request(await reader.readuntil(b"\r\n\r\n"))
    length = int(request.headers.get("content-length", 0))
    return Request(request.head, await reader.readexactly(length)) if length else request


async def _say(script: Script, request: Request, writer: asyncio.StreamWriter) -> None:
    if isinstance(script, Said):
        await _write(script, writer)
    elif inspect.iscoroutinefunction(script):
        await cast("Writes", script)(writer)
    else:
        await _write(cast("Answers", script)(request), writer)


async def _write(said: Said, writer: asyncio.StreamWriter) -> None:
    writer.write(said.content if isinstance(said, Cut) else bytes(said))
    await writer.drain()
    if isinstance(said, Cut):
        writer.close()


@asynccontextmanager
async def serving(
    answer: Script, tls: ssl.SSLContext | None = None, greeting: Cut | None = None
) -> AsyncIterator[Server]:
    """Answer while the block lasts, on the caller's loop."""
    made = Server(answer, greeting)
    server = await asyncio.start_server(
        made.serve, "127.0.0.1", 0, ssl=tls, limit=2**20, backlog=256
    )
    made.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
        await made.stop()


@contextmanager
def answering(answer: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Answer while the block lasts, in a thread."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(answer, tls)) as server,
    ):
        yield server


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"
