"""One POST: what is read of the answer, and what never leaves."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import ssl
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from pydantic import SecretStr

from headroom.bootstrap import limit_loggers
from headroom.channels.http import LONGEST_ANSWER, Reply, post, safe
from headroom.domain.delivery_failures import DeliveryFailure
from tests.builders import failed

URL = SecretStr("https://hooks.example.com/services/T0/B0/s3cr3ts3cr3ts3cr3t")


def sent(handler: Callable[[httpx.Request], httpx.Response]) -> Reply | DeliveryFailure:
    async def send() -> Reply | DeliveryFailure:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handler)) as client:
            return await post(client, URL, {"text": "\ud800"}, 1.0)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("error", "ambiguous"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.WriteTimeout, True),
        (httpx.ReadError, True),
        (httpx.WriteError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.ProxyError, True),
        (httpx.UnsupportedProtocol, False),
        (httpx.InvalidURL, False),
    ],
)
def test_without_an_answer_it_is_tried_again_and_only_what_was_not_sent_is_the_channel_s_fault(
    error: type[Exception], *, ambiguous: bool
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error(URL.get_secret_value())

    failure = failed(sent(handler))
    assert (failure.retryable, failure.ambiguous) == (True, ambiguous)
    assert failure.channel_at_fault != ambiguous
    assert URL.get_secret_value() not in repr(failure)


def test_a_failed_connection_says_where_to_and_why_and_nothing_of_the_address_but_the_host() -> (
    None
):
    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(URL.get_secret_value()) from ConnectionRefusedError(
            errno.ECONNREFUSED, "Connect call failed ('192.0.2.1', 443)"
        )

    failure = failed(sent(handler))
    assert failure.detail == f"no connection: hooks.example.com: {os.strerror(errno.ECONNREFUSED)}"


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "SSLError"),
        (ssl.SSLCertVerificationError("made in Python"), "SSLCertVerificationError"),
    ],
)
def test_an_error_of_tls_is_not_told_by_its_number(cause: ssl.SSLError, why: str) -> None:
    """OpenSSL's numbers are no errno: 1 would read `Operation not permitted`."""

    def handler(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("x") from cause

    assert failed(sent(handler)).detail == f"no connection: hooks.example.com: {why}"


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    reply = sent(lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example"}))
    assert isinstance(reply, Reply)
    assert reply.title == "302 Found"


def test_an_endless_answer_is_read_only_so_far() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 4096

    reply = sent(lambda _: httpx.Response(200, content=endless()))
    assert isinstance(reply, Reply)
    assert len(reply.body) == LONGEST_ANSWER


def test_the_address_is_in_no_log_line_and_other_lines_stay(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="httpx")  # and as it was, when the test is over
    limit_loggers()
    sent(lambda _: httpx.Response(200))
    logging.getLogger("httpx").warning("a trouble")
    logging.getLogger("headroom").debug("another's")
    assert "hooks.example.com" not in caplog.text
    assert "a trouble" in caplog.text
    assert "another's" in caplog.text


def test_what_others_say_is_cut_and_cleaned_before_it_is_told() -> None:
    said = safe(f"no\n{URL.get_secret_value()} for ABCDEFGHIJ0123456789 key", SecretStr("KEY"))
    assert said == "no https://... for ... ..."
    assert len(safe("word " * 100)) == 80
    assert safe("wörd " * 100).isascii()


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/services/T0AB1CD2/B0EF3GH4/tok3n",
        "https://hooks.example.com/services/T0AB1CD2/B0EF3GH4/tok3n/",
        "https://hooks.example.com/services/T0AB1CD2/B0EF3GH4?key=tok3n",
    ],
)
def test_a_part_of_the_address_is_told_nowhere(url: str) -> None:
    said = safe("our services: no team t0ab1cd2, hook B0EF3GH4 or xTOK3Nx: 0 of 1", SecretStr(url))
    assert said == "our services: no team ..., hook ... or x...x: 0 of 1"


def test_the_only_part_of_an_address_is_its_token_and_a_bare_host_hides_nothing() -> None:
    assert safe("no tok3n", SecretStr("https://hooks.example.com/tok3n")) == "no ..."
    assert safe("no tok3n", SecretStr("https://hooks.example.com/")) == "no tok3n"
