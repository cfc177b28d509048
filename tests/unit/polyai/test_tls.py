"""The client against a real TLS server whose certificate is its own."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headroom.polyai.connections import CONNECTIONS
from headroom.polyai.lanes import Lanes
from tests.unit.polyai.wire import client_of, failing, fetch_from, honest, serving


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate of 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


def test_a_certificate_that_nobody_vouches_for_is_refused_once_and_never_trusted(
    certificate: Path,
) -> None:
    async def never(seconds: float) -> None:
        raise AssertionError(f"waits {seconds} s for another try")

    async def scenario() -> None:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
        async with (
            serving(honest, tls) as server,
            client_of(server.url, sleep=never) as client,
        ):
            failure = await failing(fetch_from(client))
            assert (failure.code, failure.lasting) == ("tls", False)
            assert "self-signed certificate" in failure.detail
            assert server.requests == []

    asyncio.run(scenario())


def test_no_tls_at_the_other_end_is_a_tls_failure() -> None:
    async def scenario() -> None:
        async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with client_of(url) as client:
                assert (await failing(fetch_from(client))).code == "tls"

    asyncio.run(scenario())


def test_a_trusted_certificate_serves_one_handshake_for_many_fetches(certificate: Path) -> None:
    async def scenario() -> None:
        ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        ours.load_cert_chain(certificate)
        lanes = Lanes(CONNECTIONS, ssl.create_default_context(cafile=certificate))
        async with serving(honest, ours) as server, client_of(server.url, lanes) as client:
            for _ in range(5):
                await fetch_from(client)
            assert (len(server.requests), server.connections) == (5, 1)

    asyncio.run(scenario())
