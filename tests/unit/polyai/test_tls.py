"""The client against a real TLS server whose certificate is its own."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from headroom.net.guarded_backend import GuardedBackend
from headroom.net.transport import GuardedTransport
from headroom.polyai.connection import LIMITS
from tests.security.net import certificate, server_side
from tests.support.http_server import HANG, NO_TLS, serving
from tests.unit.polyai.wire import client_of, failing, fetch_from, honest


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    """A self-signed certificate of 127.0.0.1, with its key, in one file."""
    return certificate(tmp_path / "certificate.pem", "127.0.0.1")


def test_a_certificate_that_nobody_vouches_for_is_refused_once_and_never_trusted(
    pem: Path,
) -> None:
    async def never(seconds: float) -> None:
        raise AssertionError(f"waits {seconds} s for another try")

    async def scenario() -> None:
        async with (
            serving(honest, server_side(pem)) as server,
            client_of(server.url, sleep=never) as client,
        ):
            failure = await failing(fetch_from(client))
            assert (failure.code, failure.lasting) == ("tls", False)
            assert "self-signed certificate" in failure.detail
            assert server.requests == []

    asyncio.run(scenario())


def test_no_tls_at_the_other_end_is_a_tls_failure() -> None:
    async def scenario() -> None:
        async with (
            serving(HANG, greeting=NO_TLS) as server,
            client_of(server.url.replace("http:", "https:")) as client,
        ):
            assert (await failing(fetch_from(client))).code == "tls"

    asyncio.run(scenario())


def test_a_trusted_certificate_serves_one_handshake_for_many_fetches(pem: Path) -> None:
    async def scenario() -> None:
        transport = GuardedTransport(
            ssl.create_default_context(cafile=pem), LIMITS, GuardedBackend(loopback=True)
        )
        async with (
            serving(honest, server_side(pem)) as server,
            client_of(server.url, transport) as client,
        ):
            for _ in range(5):
                await fetch_from(client)
            assert (len(server.requests), server.connections) == (5, 1)

    asyncio.run(scenario())
