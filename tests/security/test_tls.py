"""Every TLS client verifies the server; nobody is trusted without a valid certificate."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.heartbeat import HttpHeartbeat
from headroom.channels.pagerduty import PagerDuty
from headroom.channels.slack import SlackWebhook
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.net.guarded_backend import GuardedBackend
from headroom.net.transport import GuardedTransport, client, tls
from headroom.polyai.connection import LIMITS
from tests.builders import failed, notice
from tests.security.net import PUBLIC, Names, Network, certificate, port_of, server_side, through
from tests.support.http_server import serving
from tests.unit.polyai.wire import client_of, failing, fetch_from

ROOT = Path(__file__).parents[2]

Call = Callable[[httpx.AsyncClient, str], Awaitable[object]]


async def slack(http: httpx.AsyncClient, url: str) -> DeliveryFailure | None:
    return await SlackWebhook(SecretStr(f"{url}/T0/B0/t0ken"), http).send(notice())


async def pagerduty(http: httpx.AsyncClient, url: str) -> DeliveryFailure | None:
    return await PagerDuty(SecretStr("k" * 32), http, api_url=url).send(notice())


async def heartbeat(http: httpx.AsyncClient, url: str) -> DeliveryFailure | None:
    return await HttpHeartbeat(lambda: http).beat(SecretStr(f"{url}/t0ken"), 10.0)


every = pytest.mark.parametrize("call", [slack, pagerduty, heartbeat])


async def agreeable(writer: object) -> None:
    """Never gets to say anything."""
    raise AssertionError(f"a request came through: {writer}")


@every
def test_a_certificate_that_nobody_vouches_for_is_refused(call: Call, tmp_path: Path) -> None:
    """With the same client that bootstrap gives to the channels."""
    pem = certificate(tmp_path / "pem", "127.0.0.1", "localhost")

    async def scenario() -> None:
        async with serving(agreeable, server_side(pem)) as server, client(loopback=True) as http:
            failure = failed(await call(http, server.url))
            assert failure.detail.startswith("no connection")
            assert (failure.retryable, failure.ambiguous) == (True, False)
            assert server.requests == []

    asyncio.run(scenario())


@every
def test_a_certificate_of_another_host_is_refused_though_its_issuer_is_known(
    call: Call, tmp_path: Path
) -> None:
    pem = certificate(tmp_path / "pem", "elsewhere.example.com", PUBLIC)

    async def scenario() -> None:
        async with serving(agreeable, server_side(pem)) as server:
            network = Network({PUBLIC: port_of(server.url)})
            trusting = ssl.create_default_context(cafile=pem)
            async with through(Names([[PUBLIC]]), network, trusting) as http:
                failure = failed(await call(http, "https://hooks.example.com"))
            assert failure.detail.startswith("no connection")
            assert network.reached == [PUBLIC]
            assert server.requests == []

    asyncio.run(scenario())


def test_polyai_refuses_a_certificate_of_another_host(tmp_path: Path) -> None:
    pem = certificate(tmp_path / "pem", "elsewhere.example.com")

    async def scenario() -> None:
        trusting = ssl.create_default_context(cafile=pem)
        transport = GuardedTransport(trusting, LIMITS, GuardedBackend(loopback=True))
        async with (
            serving(agreeable, server_side(pem)) as server,
            client_of(server.url, transport) as c,
        ):
            failure = await failing(fetch_from(c))
            assert failure.code == "tls"
            assert "not valid for '127.0.0.1'" in failure.detail
            assert server.requests == []

    asyncio.run(scenario())


@every
def test_tls_that_breaks_off_in_the_middle_is_a_failed_try_and_no_slip_of_ours(
    call: Call, tmp_path: Path
) -> None:
    """What comes after the handshake is not TLS: Python raises it as an OSError of its own."""
    pem = certificate(tmp_path / "pem", "127.0.0.1")

    async def garbage(writer: asyncio.StreamWriter) -> None:
        raw = writer.transport.get_extra_info("socket").dup()
        raw.send(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        raw.close()

    async def scenario() -> None:
        names, context = Names([["127.0.0.1"]]), ssl.create_default_context(cafile=pem)
        async with serving(garbage, server_side(pem)) as server:
            network = Network({"127.0.0.1": port_of(server.url)})
            async with through(names, network, context, loopback=True) as http:
                failure = failed(await call(http, server.url))
            assert failure.detail.startswith("connection lost")
            assert (failure.retryable, failure.ambiguous) == (True, True)

    asyncio.run(scenario())


def test_the_one_context_of_all_clients_checks_everything_and_takes_no_old_tls() -> None:
    context = tls()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context is tls()


def test_nothing_of_the_environment_is_trusted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pem = certificate(tmp_path / "pem", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    tls.cache_clear()

    async def scenario() -> None:
        async with serving(agreeable, server_side(pem)) as server, client(loopback=True) as http:
            failure = failed(await slack(http, server.url))
            assert failure.detail.startswith("no connection")

    asyncio.run(scenario())
    tls.cache_clear()


LOOSE = re.compile(
    r"verify\s*=\s*False|CERT_NONE|CERT_OPTIONAL|check_hostname\s*=\s*False|_create_unverified"
    r"|follow_redirects\s*=\s*True|trust_env\s*=\s*True|shell\s*=\s*True|pickle|\beval\(|\bexec\("
)


def test_no_line_of_ours_turns_a_check_off() -> None:
    folders = ("layers/headroom/headroom", "functions", "cli", "bench")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert len(sources) > 100
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if LOOSE.search(line)
    ]
    assert found == []


def test_every_client_for_http_in_the_library_is_made_behind_the_guard() -> None:
    """Only `net` makes transports; every client is given one of them."""
    made = {
        (path.relative_to(ROOT / "layers/headroom/headroom").as_posix(), call)
        for path in (ROOT / "layers/headroom/headroom").rglob("*.py")
        for call in re.findall(
            r"httpx\.(?:Async)?(?:Client|HTTPTransport)\(|httpx\.(?:get|post|request|stream)\("
            r"|urllib\.request|http\.client|urllib3\.|requests\.|socket\.(?:socket|create_connection)"
            r"|open_connection\(|AsyncConnectionPool\(",
            path.read_text("utf-8"),
        )
    }
    assert made == {
        ("net/transport.py", "AsyncConnectionPool("),
        ("net/transport.py", "httpx.AsyncClient("),
        ("polyai/connection.py", "httpx.AsyncClient("),
    }
