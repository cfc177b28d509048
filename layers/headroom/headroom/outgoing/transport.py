"""The way out for httpx: TLS that is verified, connections that are judged, no proxy, no redirect.

httpx's own transport has no place for a backend, so this one puts a pool of httpcore's in its
place, through public parts of both (https://www.python-httpx.org/advanced/transports/).
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from functools import cache
from typing import Protocol, cast

import httpcore
import httpx

from headroom.outgoing.backend import GuardedBackend

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
    """One pool of connections behind a `GuardedBackend`."""

    def __init__(
        self,
        context: ssl.SSLContext,
        limits: httpx.Limits = LIMITS,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend or GuardedBackend(),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One HTTP exchange. Raises httpx's exceptions, PrivateAddress among them."""
        with _as_httpx():
            answer = await self._pool.handle_async_request(_for_httpcore(request))
        return httpx.Response(
            answer.status,
            # No cookie is kept: it would tell one request's answer, secrets and all, to the next.
            headers=[pair for pair in answer.headers if pair[0].lower() != b"set-cookie"],
            stream=_Body(cast("_Parts", answer.stream)),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Parts(Protocol):
    """What httpcore gives to read an answer's body from."""

    def __aiter__(self) -> AsyncGenerator[bytes]: ...

    async def aclose(self) -> None: ...


class _Body(httpx.AsyncByteStream):
    """The body as it comes, packed or not."""

    def __init__(self, parts: _Parts) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async with aclosing(aiter(self._parts)) as parts:
                async for part in parts:
                    yield part

    async def aclose(self) -> None:
        await self._parts.aclose()


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
