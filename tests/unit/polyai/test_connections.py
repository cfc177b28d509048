"""The client against a real server: connections, cut-offs, time-outs, TLS."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headroom.domain.readings import Failure
from headroom.errors import Unreadable
from headroom.polyai.connections import CONNECTIONS, LARGEST_ANSWER
from headroom.polyai.lanes import Lanes
from tests.unit.polyai.helpers import in_turn
from tests.unit.polyai.wire import HONEST, client_of, fetch_from, honest, serving, whole

EMPTY: dict[str, dict[int, int]] = {"": {}}


async def failing(fetch: Coroutine[Any, Any, object]) -> Failure:
    with pytest.raises(Unreadable) as refusal:
        await fetch
    return refusal.value.failure


def test_never_more_than_ten_requests_are_in_flight_and_their_connections_are_kept() -> None:
    async def unhurried(writer: asyncio.StreamWriter) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        await honest(writer)

    async def scenario() -> None:
        async with serving(unhurried) as server, client_of(server.url) as client:
            for _ in range(2):  # two checks
                answers = await asyncio.gather(*(fetch_from(client) for _ in range(300)))
                assert all(answer.series == EMPTY for answer in answers)
            assert len(server.requests) == 600
            assert server.most_in_flight == server.connections == 10

    asyncio.run(scenario())


def test_requests_one_at_a_time_share_one_connection() -> None:
    async def scenario() -> None:
        async with serving(honest) as server, client_of(server.url) as client:
            for _ in range(5):
                await fetch_from(client)
            assert (len(server.requests), server.connections) == (5, 1)

    asyncio.run(scenario())


def test_a_wait_before_a_retry_holds_up_nobody_else() -> None:
    async def scenario() -> None:
        all_wait, others_done = asyncio.Event(), asyncio.Event()
        waiting: list[float] = []

        async def wait(seconds: float) -> None:
            waiting.append(seconds)
            if len(waiting) == CONNECTIONS:
                all_wait.set()
            await others_done.wait()

        async def limited(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 429 .\r\nContent-Length: 0\r\n\r\n")

        async with serving(limited) as server, client_of(server.url, sleep=wait) as client:
            held_up = [asyncio.create_task(fetch_from(client)) for _ in range(CONNECTIONS)]
            await all_wait.wait()
            server.answer = honest
            assert (await fetch_from(client)).series == EMPTY
            others_done.set()
            assert all(answer.series == EMPTY for answer in await asyncio.gather(*held_up))

    asyncio.run(scenario())


def test_an_answer_over_the_cap_is_cut_off_while_it_comes() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()

    async def scenario() -> None:
        async with serving(endless) as server, client_of(server.url) as client:
            failure = await failing(fetch_from(client))
            assert (failure.code, failure.lasting) == ("nonsense", False)
            assert "4 MiB" in failure.detail
            assert len(server.requests) == 1
            server.answer = honest
            assert (await fetch_from(client)).series == EMPTY

    asyncio.run(scenario())


def test_an_answer_of_5_mb_makes_no_sense_and_one_just_below_the_cap_is_read() -> None:
    padded = whole(HONEST.split(b"\r\n\r\n")[1].ljust(LARGEST_ANSWER))
    answers = iter([whole(b" " * 5_000_000), padded])

    async def scripted(writer: asyncio.StreamWriter) -> None:
        writer.write(next(answers))
        await writer.drain()

    async def scenario() -> None:
        async with serving(scripted) as server, client_of(server.url) as client:
            assert (await failing(fetch_from(client))).code == "nonsense"
            assert (await fetch_from(client)).series == EMPTY

    asyncio.run(scenario())


def test_packing_is_not_asked_for_and_not_undone() -> None:
    """A few bytes may unpack to gigabytes."""
    packed = gzip.compress(HONEST.split(b"\r\n\r\n")[1])

    async def pack(writer: asyncio.StreamWriter) -> None:
        writer.write(whole(packed).replace(b"OK\r\n", b"OK\r\nContent-Encoding: gzip\r\n"))

    async def scenario() -> None:
        async with serving(pack) as server, client_of(server.url) as client:
            failure = await failing(fetch_from(client))
            assert b"accept-encoding: identity\r\n" in server.requests[0].lower()
            assert failure.code == "nonsense"
            assert "gzip" in failure.detail

    asyncio.run(scenario())


def test_silence_is_a_time_out_and_the_next_fetch_works() -> None:
    async def silent(_: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def scenario() -> None:
        async with serving(silent) as server, client_of(server.url) as client:
            failure = await failing(fetch_from(client, in_turn(0.5, 0)))
            assert (failure.code, failure.lasting) == ("timeout", False)
            assert "127.0.0.1" in failure.detail
            server.answer = honest
            assert (await fetch_from(client)).series == EMPTY

    asyncio.run(scenario())


def test_a_connection_refused_is_told_as_such() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    async def scenario() -> None:
        async with client_of(url) as client:
            failure = await failing(fetch_from(client))
            assert (failure.code, failure.lasting) == ("network", False)
            assert "Connect" in failure.detail

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "rubbish", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"SSH-2.0\r\n"]
)
def test_a_line_that_drops_or_speaks_no_http_is_a_network_failure(rubbish: bytes) -> None:
    async def hang_up(writer: asyncio.StreamWriter) -> None:
        writer.write(rubbish)
        writer.close()

    async def scenario() -> None:
        async with serving(hang_up) as server, client_of(server.url) as client:
            assert (await failing(fetch_from(client))).code == "network"
            assert len(server.requests) == 3

    asyncio.run(scenario())


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
