"""A request that is cancelled, at whatever point, against a real server."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from headroom.net.guarded_backend import GuardedBackend
from headroom.net.transport import GuardedTransport, client
from tests.security.net import certificate, server_side
from tests.support.http_server import Server, serving
from tests.unit.polyai.wire import HONEST

HANGS = {
    "nowhere": HONEST,
    "before the head": b"",
    "in the head": HONEST[:20],
    "in the body": HONEST[:-5],
}
"""Where the server stops talking."""
ROUNDS = 3
STEPS = range(25)
"""Turns of the event loop after which a request is cancelled; a whole one takes 19."""


@asynccontextmanager
async def one_connection(pem: Path | None) -> AsyncIterator[tuple[Server, GuardedTransport]]:
    """A server, and a transport with room for one connection only: losing it would show."""
    limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
    context = ssl.create_default_context(cafile=pem)
    transport = GuardedTransport(context, limits, GuardedBackend(loopback=True))
    async with serving(HONEST, server_side(pem) if pem else None) as server, asyncio.timeout(30):
        yield server, transport
        await transport.aclose()
        await server.until(lambda its: not its.open)


async def cancel(steps: int, request: Awaitable[object]) -> None:
    task = asyncio.ensure_future(request)
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["http", "https"])
def pem(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return certificate(tmp_path / "pem", "127.0.0.1") if request.param == "https" else None


@pytest.mark.parametrize("connection", ["kept", "new"])
@pytest.mark.parametrize("hangs", HANGS)
def test_after_a_request_that_was_cancelled_the_next_is_answered_and_no_socket_is_left(
    hangs: str, connection: str, pem: Path | None
) -> None:
    """Cancelled at every turn of the loop: in connecting, TLS, head, body and closing."""

    async def scenario() -> None:
        async with one_connection(pem) as (server, transport):
            http = httpx.AsyncClient(transport=transport, trust_env=False, timeout=None)  # noqa: S113
            for steps in [*STEPS] * ROUNDS:
                server.answer = HONEST
                assert (await http.get(server.url)).is_success
                if connection == "new":
                    await transport.aclose()
                server.answer = HANGS[hangs]
                await cancel(steps, http.get(server.url))
            await server.until(lambda its: its.open <= 1)

    asyncio.run(scenario())


def test_the_channels_client_outlives_more_cancelled_requests_than_it_may_have_connections() -> (
    None
):
    async def scenario() -> None:
        async with serving(HONEST) as server, client(loopback=True) as http, asyncio.timeout(30):
            for steps in [*range(14)] * 110:
                await cancel(steps, http.post(server.url, content=b"{}", timeout=None))
            assert (await http.post(server.url, timeout=None)).is_success
            await server.until(lambda its: its.open <= 20)

    asyncio.run(scenario())


def test_closing_does_not_wait_for_a_server_that_hangs_and_leaves_no_socket(
    pem: Path | None,
) -> None:
    async def scenario() -> None:
        async with one_connection(pem) as (server, transport):
            server.answer = HANGS["in the body"]
            http = httpx.AsyncClient(transport=transport, trust_env=False, timeout=None)  # noqa: S113
            hanging = asyncio.ensure_future(http.get(server.url))
            await server.until(lambda its: its.requests)
            await transport.aclose()
            await server.until(lambda its: not its.open)
            with pytest.raises(httpx.TransportError):
                await hanging

    asyncio.run(scenario())
