"""The way out for httpx: TLS that is verified, connections that are judged, no proxy, no redirect.

httpx's own transport has no place for a backend, so this one puts pools of httpcore's in its
place, through public parts of both (https://www.python-httpx.org/advanced/transports/).
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from functools import cache, partial
from typing import Protocol, cast

import httpcore
import httpx

from headroom.net.connection import Lane
from headroom.net.guarded_backend import GuardedBackend

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
"""httpx's own."""


@cache
def tls() -> ssl.SSLContext:
    """Certificates and names are checked, by certifi's list alone; TLS 1.2 at least.

    One for all connections: reading the certificates takes 20 ms.
    """
    made = httpx.create_ssl_context(trust_env=False)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def client(*, loopback: bool = False) -> httpx.AsyncClient:
    """A client whose every connection is guarded; to be used within one event loop.

    `loopback`: this machine may be reached, as development needs it. Nothing of the environment
    counts: no proxy, no netrc, no certificates of others.
    """
    transport = GuardedTransport(tls(), backend=GuardedBackend(loopback=loopback))
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connections behind a `GuardedBackend`, each in a pool of its own (`Lane`).

    An exchange takes the idle connection of its origin that was used last, or opens one. Only if it
    came to its end is the connection kept. After a failure or a cancellation it is closed and never
    used again: where asyncio cancels httpcore while that closes a response, its pool takes the
    connection for busy for ever (its shields hold off anyio's cancellation, not asyncio's).
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        limits: httpx.Limits = LIMITS,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._context = context
        self._keep_alive = limits.keepalive_expiry
        self._backend = backend or GuardedBackend()
        self._room = asyncio.Semaphore(limits.max_connections or sys.maxsize)
        self._most_idle = limits.max_keepalive_connections or 0
        self._idle: list[Lane] = []
        """The one that was used last is at the end."""
        self._busy: set[Lane] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One HTTP exchange. Raises httpx's exceptions, PrivateAddress among them."""
        ours = _for_httpcore(request)
        await self._have_room(ours)
        lane = self._take(ours.url.origin)
        try:
            with _as_httpx():
                answer = await lane.exchange(ours)
        except BaseException:
            self._end(lane)
            raise
        return httpx.Response(
            answer.status,
            # No cookie is kept: it would tell one request's answer, secrets and all, to the next.
            headers=[pair for pair in answer.headers if pair[0].lower() != b"set-cookie"],
            stream=_Body(cast("_Parts", answer.stream), partial(self._end, lane)),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection, also those in use; it does not wait for the other side."""
        for lane in (*self._idle, *self._busy):
            self._close(lane)
        self._idle.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _have_room(self, request: httpcore.Request) -> None:
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("every connection is in use") from None

    def _take(self, origin: httpcore.Origin) -> Lane:
        for place in reversed(range(len(self._idle))):
            if self._idle[place].origin == origin:
                lane = self._idle.pop(place)
                break
        else:
            lane = Lane(origin, self._context, self._keep_alive, self._backend)
        self._busy.add(lane)
        return lane

    def _end(self, lane: Lane) -> None:
        """Take a connection back: it waits for the next exchange, or is closed."""
        self._room.release()
        self._busy.discard(lane)
        if not lane.ready:
            self._close(lane)
            return
        self._idle.append(lane)
        if len(self._idle) > self._most_idle:
            self._close(self._idle.pop(0))

    def _close(self, lane: Lane) -> None:
        """Close it in a task of its own, which nobody cancels."""
        task = asyncio.get_running_loop().create_task(lane.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class _Parts(Protocol):
    """What httpcore gives to read an answer's body from."""

    def __aiter__(self) -> AsyncGenerator[bytes]: ...

    async def aclose(self) -> None: ...


class _Body(httpx.AsyncByteStream):
    """The body as it comes, packed or not; `end` is called once it is closed."""

    def __init__(self, parts: _Parts, end: Callable[[], None]) -> None:
        self._parts = parts
        self._end: Callable[[], None] | None = end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async with aclosing(aiter(self._parts)) as parts:
                async for part in parts:
                    yield part

    async def aclose(self) -> None:
        try:
            await self._parts.aclose()
        finally:
            end, self._end = self._end, None
            if end:
                end()


def _for_httpcore(request: httpx.Request) -> httpcore.Request:
    url = request.url
    return httpcore.Request(
        request.method,
        httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=cast("AsyncIterable[bytes]", request.stream),  # an AsyncClient gives no other
        extensions=request.extensions,
    )


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Turn httpcore's exceptions into those of httpx, which go by the same names."""
    try:
        yield
    except (
        httpcore.TimeoutException,
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.UnsupportedProtocol,
    ) as error:
        alike: type[httpx.TransportError] = getattr(httpx, type(error).__name__)
        raise alike(str(error)) from error
