"""One POST: what is read of the answer, and what never leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from headroom.channels.http import LONGEST_ANSWER, Reply, post, retry_after, safe
from headroom.errors import DeliveryError

URL = SecretStr("https://hooks.example.com/services/T0/B0/s3cr3ts3cr3ts3cr3t")
NOW = "Mon, 23 Nov 2026 10:05:00 GMT"


def sent(handler: Callable[[httpx.Request], httpx.Response]) -> Reply:
    async def send() -> Reply:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
            return await post(client, URL, {"text": "\ud800"}, 1.0)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "Mon, 23 Nov 2026 10:07:00 GMT", "date": NOW}, 120.0),
        ({"retry-after": "Mon, 23 Nov 2026 10:00:00 GMT", "date": NOW}, 0.0),
        ({"retry-after": "Mon, 23 Nov 2026 10:07:00 GMT"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 10:07:00", "date": NOW}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "9" * 400}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_forms(
    headers: Mapping[str, str], seconds: float | None
) -> None:
    assert retry_after(headers) == seconds


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_retry_after_breaks_it(told: str, date: str) -> None:
    seconds = retry_after({"retry-after": told, "date": date})
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("error", "retryable", "ambiguous"),
    [
        (httpx.ConnectError, True, False),
        (httpx.ConnectTimeout, True, False),
        (httpx.PoolTimeout, True, False),
        (httpx.ReadTimeout, True, True),
        (httpx.WriteTimeout, True, True),
        (httpx.ReadError, True, True),
        (httpx.WriteError, True, True),
        (httpx.RemoteProtocolError, True, True),
        (httpx.ProxyError, True, True),
        (httpx.UnsupportedProtocol, False, False),
        (httpx.InvalidURL, False, False),
    ],
)
def test_only_a_connection_that_never_opened_is_known_not_to_have_told(
    error: type[Exception], *, retryable: bool, ambiguous: bool
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error(URL.get_secret_value())

    with pytest.raises(DeliveryError) as caught:
        sent(handler)
    assert (caught.value.retryable, caught.value.ambiguous) == (retryable, ambiguous)
    assert caught.value.__context__ is None


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    reply = sent(lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example"}))
    assert reply.title == "302 Found"


def test_an_endless_answer_is_read_only_so_far() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 4096

    assert len(sent(lambda _: httpx.Response(200, content=endless())).body) == LONGEST_ANSWER


def test_the_address_is_in_no_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sent(lambda _: httpx.Response(200))
    assert "hooks.example.com" not in caplog.text


def test_the_log_lines_of_others_stay(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sent(lambda _: httpx.Response(200))
    logging.getLogger("httpx").info("HTTP Request: another's")
    assert "another's" in caplog.text


def test_what_others_say_is_cut_and_cleaned_before_it_is_told() -> None:
    said = safe(f"no\n{URL.get_secret_value()} for ABCDEFGHIJ0123456789 key", SecretStr("KEY"))
    assert said == "no ... for ... ..."
    assert len(safe("word " * 100)) == 80
