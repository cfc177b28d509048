"""One GET: what counts as taken, and that the address is told nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.heartbeat import HttpHeartbeat
from headroom.domain.delivery_failures import DeliveryFailure
from tests.builders import failed

SECRET = "sesame0pen"
URL = SecretStr(f"https://hc-ping.com/{SECRET}?create=1")


def beat(
    handler: Callable[[httpx.Request], httpx.Response],
) -> tuple[list[httpx.Request], DeliveryFailure | None]:
    asked: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return handler(request)

    async def run() -> DeliveryFailure | None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(keep)) as client:
            return await HttpHeartbeat(lambda: client).beat(URL, 1.0)

    outcome = asyncio.run(run())
    return asked, outcome


@pytest.mark.parametrize("status", [200, 202, 204])
def test_it_is_one_get_of_the_whole_address_that_carries_nothing(status: int) -> None:
    (asked,), failure = beat(lambda _: httpx.Response(status, text="OK"))
    assert failure is None
    assert (asked.method, str(asked.url), asked.content) == ("GET", URL.get_secret_value(), b"")
    assert "content-type" not in asked.headers


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (302, "302 Found"),
        (404, "404 Not Found"),
        (409, "409 Conflict"),
        (429, "429 Too Many Requests"),
        (503, "503 Service Unavailable"),
        (599, "599"),
    ],
)
def test_whatever_is_no_success_is_told_by_its_status_alone(status: int, reason: str) -> None:
    """A redirect too: another address was never agreed to."""
    elsewhere = {"location": "https://elsewhere.example"}
    _, outcome = beat(
        lambda request: httpx.Response(status, headers=elsewhere, text=str(request.url))
    )
    assert failed(outcome).detail == reason


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.RemoteProtocolError,
        httpx.InvalidURL,
    ],
)
def test_a_call_without_an_answer_leaks_nothing_and_is_not_repeated(
    error: type[Exception],
) -> None:
    tries = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise error(str(request.url))

    _, outcome = beat(handler)
    assert tries == 1
    assert SECRET not in repr(failed(outcome))


def test_no_client_is_made_before_the_first_call() -> None:
    """Reading certificates is slow, and most have no heartbeat."""

    def never() -> httpx.AsyncClient:
        raise AssertionError("nobody was to be called")

    HttpHeartbeat(never)
