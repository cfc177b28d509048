"""The transport of every HTTP client: verified TLS, guarded connections, no proxy, no redirect.

httpx's own transport accepts no network backend, so this one puts httpcore's pools in its place,
through public parts of both (https://www.python-httpx.org/advanced/transports/).
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from functools import cache, partial
from typing import Any, Protocol, cast

import httpcore
import httpx

from headroom.net.guarded_backend import GuardedBackend

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
"""httpx's own."""


@cache
def tls() -> ssl.SSLContext:
    """Checks certificates and names, by certifi's list alone; TLS 1.2 or later.

    All connections share one: reading the certificates takes 20 ms.
    """
    made = httpx.create_ssl_context(trust_env=False)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def client(*, loopback: bool = False) -> httpx.AsyncClient:
    """A client whose every connection is guarded, for use within one event loop.

    `loopback` allows connections to this machine, for development. The environment has no say: no
    proxy, no netrc, no other certificates.
    """
    transport = GuardedTransport(tls(), backend=GuardedBackend(loopback=loopback))
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Connections behind a `GuardedBackend`, each in a pool of its own (`_Connection`).

    An exchange takes the most recently used idle connection to its origin, or opens one. The
    connection is kept only if the exchange was completed. After a failure or a cancellation it is
    closed: where asyncio cancels httpcore while that closes a response, httpcore's pool counts the
    connection as busy for ever (its shields hold off anyio's cancellation, not asyncio's).
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
        self._idle: list[_Connection] = []
        """The most recently used is last."""
        self._busy: set[_Connection] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One HTTP exchange. Raises httpx's exceptions, including PrivateAddress."""
        outgoing = _for_httpcore(request)
        await self._wait_for_room(outgoing)
        connection = self._take(outgoing.url.origin)
        try:
            with _as_httpx():
                answer = await connection.exchange(outgoing)
        except BaseException:
            self._give_back(connection)
            raise
        return httpx.Response(
            answer.status,
            # A kept cookie would carry one answer, secrets included, to the next request.
            headers=[pair for pair in answer.headers if pair[0].lower() != b"set-cookie"],
            stream=_Body(cast("_Parts", answer.stream), partial(self._give_back, connection)),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection, busy ones too, without waiting for the other side."""
        for connection in (*self._idle, *self._busy):
            self._close(connection)
        self._idle.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _wait_for_room(self, request: httpcore.Request) -> None:
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("every connection is in use") from None

    def _take(self, origin: httpcore.Origin) -> _Connection:
        for place in reversed(range(len(self._idle))):
            if self._idle[place].origin == origin:
                connection = self._idle.pop(place)
                break
        else:
            connection = _Connection(origin, self._context, self._keep_alive, self._backend)
        self._busy.add(connection)
        return connection

    def _give_back(self, connection: _Connection) -> None:
        """Keep a connection for the next exchange, or close it."""
        self._room.release()
        self._busy.discard(connection)
        if not connection.ready:
            self._close(connection)
            return
        self._idle.append(connection)
        if len(self._idle) > self._most_idle:
            self._close(self._idle.pop(0))

    def _close(self, connection: _Connection) -> None:
        """Close it in a task of its own, which nobody cancels."""
        task = asyncio.get_running_loop().create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class _Connection:
    """At most one connection, for one exchange at a time: a pool of one.

    A larger pool of httpcore's looks at every idle connection twice a request and gives the same
    one to several requests that start together, which then try again. Pools of one take 0.7 ms CPU
    a request instead of 1.0 (1,000 requests by ten workers, loopback).
    """

    def __init__(
        self,
        origin: httpcore.Origin,
        context: ssl.SSLContext,
        keep_alive: float | None,
        backend: httpcore.AsyncNetworkBackend,
    ) -> None:
        self.origin = origin
        self._streams = _LastStream(backend)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=1,
            max_keepalive_connections=1,
            keepalive_expiry=keep_alive,
            network_backend=self._streams,
        )

    @property
    def ready(self) -> bool:
        """Whether it is open and free for another exchange."""
        connections = self._pool.connections
        return bool(connections) and all(each.is_idle() for each in connections)

    async def exchange(self, request: httpcore.Request) -> httpcore.Response:
        """Send one request. Raises httpcore's exceptions."""
        return await self._pool.handle_async_request(request)

    async def close(self) -> None:
        """Close it whatever httpcore's state, without waiting for the other side."""
        await self._streams.close()


class _LastStream(httpcore.AsyncNetworkBackend):
    """Keeps the stream that it opened last, which httpcore loses if cancelled in a TLS handshake.

    Earlier streams are closed already: a pool of one opens the next only then.
    """

    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner
        self._stream: httpcore.AsyncNetworkStream | None = None

    async def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:  # noqa: ANN401 -- passed on
        self._stream = await self._inner.connect_tcp(*args, **kwargs)
        return self._stream

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    async def close(self) -> None:
        if self._stream:
            await self._stream.aclose()


class _Parts(Protocol):
    """What httpcore provides to read an answer's body from."""

    def __aiter__(self) -> AsyncGenerator[bytes]: ...

    async def aclose(self) -> None: ...


class _Body(httpx.AsyncByteStream):
    """The body as it arrives, packed or not; closing it calls `end` once."""

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
    """Turn httpcore's exceptions into those of httpx, which have the same names."""
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
