"""The address policy checks what a name resolves to; connections go to the checked address."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import httpcore
import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.http import post
from headroom.channels.pagerduty import PagerDuty
from headroom.channels.slack import SlackWebhook
from headroom.net.guarded_backend import PATIENCE, GuardedBackend, PrivateAddress
from headroom.net.transport import GuardedTransport, client
from headroom.polyai.connection import LIMITS
from headroom.ports import Channel
from tests.builders import failed, notice
from tests.security.net import PUBLIC, Names, Network, certificate, port_of, server_side, through
from tests.support.http_server import Answer, answering, serving
from tests.unit.polyai.wire import client_of, failing, fetch_from, honest

HOOK = "https://hooks.example.com/services/T0/B0/s3cr3ts3cr3ts3cr3t"


def channels(http: httpx.AsyncClient) -> list[Channel]:
    return [
        SlackWebhook(SecretStr(HOOK), http),
        PagerDuty(SecretStr("k" * 32), http, api_url="https://pager.example.com"),
    ]


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "127.0.0.1", "fd00:ec2::254"])
def test_no_channel_connects_to_a_private_address_and_the_notice_is_kept(address: str) -> None:
    network = Network({address: 1})

    async def scenario() -> None:
        async with through(Names([[address]]), network) as http:
            for channel in channels(http):
                error = failed(await channel.send(notice()))
                assert error.detail == "its address resolves to a private address"
                assert (error.retryable, error.ambiguous) == (True, False)

    asyncio.run(scenario())
    assert network.reached == []


def test_polyai_is_not_asked_at_a_private_address() -> None:
    network = Network({"10.0.0.7": 1})
    backend = GuardedBackend(Names([["10.0.0.7"]]), network)

    async def scenario() -> None:
        transport = GuardedTransport(ssl.create_default_context(), LIMITS, backend)
        async with client_of("https://api.example.com", transport) as polyai:
            failure = await failing(fetch_from(polyai))
            assert (failure.code, failure.lasting) == ("network", False)
            assert failure.detail == "not asked: api.example.com resolves to a private address"

    asyncio.run(scenario())
    assert network.reached == []


def test_what_the_system_makes_of_a_host_is_judged_in_the_wiring_of_every_client() -> None:
    """Resolvers take 0x7f000001 for 127.0.0.1, with no name server asked."""

    async def scenario(port: int) -> None:
        url = f"https://0x7f000001:{port}"
        async with client_of(url) as polyai:
            assert "private address" in (await failing(fetch_from(polyai))).detail
        async with client(loopback=True) as http:
            with pytest.raises(PrivateAddress):
                await http.get(url)

    with answering(Answer(200, "ok")) as server:
        asyncio.run(scenario(port_of(server.url)))


def test_the_address_that_was_judged_is_connected_to_whatever_the_name_says_next(
    tmp_path: Path,
) -> None:
    """A name that first resolves to a public address and then to a private one."""
    pem = certificate(tmp_path / "pem", "hooks.example.com")
    names = Names([[PUBLIC], ["169.254.169.254"]])

    async def scenario() -> None:
        async with serving(honest, server_side(pem)) as server:
            network = Network({PUBLIC: port_of(server.url), "169.254.169.254": 1})
            trusting = ssl.create_default_context(cafile=pem)
            async with through(names, network, trusting) as http:
                for _ in range(3):
                    await http.get("https://hooks.example.com/x")
            assert network.reached == [PUBLIC]
            assert names.asked == ["hooks.example.com"], "one look for a connection that is kept"
            assert (server.connections, len(server.requests)) == (1, 3)
            assert b"\r\nHost: hooks.example.com\r\n" in server.requests[0].head

    asyncio.run(scenario())


def test_of_several_addresses_only_the_public_ones_are_tried_in_turn() -> None:
    dead, names = "192.168.0.1", Names([["93.184.215.13", "192.168.0.1", PUBLIC, "10.0.0.1"]])

    async def scenario() -> None:
        async with serving(honest) as server:
            network = Network({PUBLIC: port_of(server.url), dead: port_of(server.url)})
            async with through(names, network) as http:
                await http.get("http://hooks.example.com/")
            assert network.reached == ["93.184.215.13", PUBLIC]

    asyncio.run(scenario())


def test_an_address_that_leads_nowhere_gives_way_to_the_next_and_time_counts() -> None:
    waited: list[float | None] = []

    class Patient(Network):
        async def connect_tcp(self, host: str, port: int, *more: object) -> object:  # type: ignore[override]
            waited.append(more[0])  # type: ignore[arg-type]
            if host not in self.routes:
                raise httpcore.ConnectTimeout
            await asyncio.Event().wait()
            raise AssertionError(port)

    backend = GuardedBackend(Names([["93.184.215.13", PUBLIC]]), Patient({PUBLIC: 1}))
    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(backend.connect_tcp("hooks.example.com", 443, timeout=0.05))
    assert waited == [PATIENCE, None]


@pytest.mark.parametrize("error", [socket.gaierror(-2, "not known"), UnicodeError("label")])
def test_a_name_that_is_not_known_is_no_connection(error: Exception) -> None:
    async def scenario() -> None:
        async with through(Names([error]), Network({})) as http:
            failure = failed(await post(http, SecretStr(HOOK), {}, 1.0))
            assert failure.detail.startswith("no connection")
            assert failure.retryable

    asyncio.run(scenario())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_in_development_this_machine_is_reached_where_it_is_written(host: str) -> None:
    async def scenario(url: str) -> None:
        async with client(loopback=True) as http:
            assert await SlackWebhook(SecretStr(f"{url}/T0/B0/x"), http).send(notice()) is None

    with answering(Answer(200, "ok")) as server:
        asyncio.run(scenario(server.url.replace("127.0.0.1", host)))
        assert len(server.requests) == 1


def test_no_channel_follows_a_redirect() -> None:
    async def scenario(url: str) -> None:
        async with client(loopback=True) as http:
            channel = SlackWebhook(SecretStr(f"{url}/T0/B0/x"), http)
            assert "302" in failed(await channel.send(notice())).detail
            assert not http.follow_redirects

    with answering(Answer(200, "ok")) as elsewhere:
        moved = Answer(302, "", {"location": elsewhere.url})
        with answering(moved) as server:
            asyncio.run(scenario(server.url))
        assert elsewhere.requests == []


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(url: str) -> None:
        async with client(loopback=True) as http:
            assert await SlackWebhook(SecretStr(f"{url}/T0/B0/x"), http).send(notice()) is None

    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering(Answer(200, "ok")) as server:
        asyncio.run(scenario(server.url))


@pytest.mark.parametrize(
    "name",
    [name for name in httpcore.__all__ if hasattr(httpx, name) and name.endswith(("Error", "out"))],
)
def test_each_of_httpcores_troubles_is_the_one_of_httpx(name: str) -> None:
    class Broken(httpcore.AsyncNetworkBackend):
        async def connect_tcp(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
            raise getattr(httpcore, name)("broken")

    async def scenario() -> None:
        transport = GuardedTransport(httpx.create_ssl_context(), backend=Broken())
        async with httpx.AsyncClient(transport=transport) as http:
            with pytest.raises(getattr(httpx, name), match="broken") as caught:
                await http.get("http://127.0.0.1/")
            assert type(caught.value) is getattr(httpx, name)

    asyncio.run(scenario())


def test_a_private_address_is_a_connection_that_never_opened() -> None:
    assert issubclass(PrivateAddress, httpx.ConnectError)
