"""Slack's answers, and the addresses that are no incoming webhooks."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.slack import SlackWebhook, webhook_problem
from headroom.errors import DeliveryError
from tests.builders import notice

URL = SecretStr("https://hooks.slack.com/services/T0/B0/s3cr3t")


def refusal(status: int, body: str) -> DeliveryError:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))

    async def send() -> None:
        async with httpx.AsyncClient(transport=transport) as client:
            await SlackWebhook("ops-slack", URL, client).send(notice())

    with pytest.raises(DeliveryError) as caught:
        asyncio.run(send())
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "invalid_payload", "200 invalid_payload"),
        (200, "", "200 OK"),
        (200, "OK", "200 OK: OK"),
        (404, "no_service", "404 no_service"),
        (410, "channel_is_archived", "410 channel_is_archived"),
        (
            403,
            "<html>Blocked: https://hooks.slack.com/services/T0/B0/s3cr3t</html>",
            "403 Forbidden: <html>Blocked: ...</html>",
        ),
        (302, "", "302 Found"),
    ],
)
def test_anything_but_ok_is_refused_for_good_and_says_why(
    status: int, body: str, reason: str
) -> None:
    error = refusal(status, body)
    assert not error.retryable
    assert error.reason == reason


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/workflows/T0/A0/1/secret",
        "https://hooks.slack.com/triggers/T0/1/secret",
        "http://hooks.slack.com/services/T0/B0/secret",
        "http://127.0.0.1.example.com/services/secret",
        "https:///services/secret",
        "https://[secret/services",
        "https://hooks.slack.com:secret/",
        "secret",
    ],
)
def test_an_address_that_cannot_take_blocks_is_refused_without_repeating_it(url: str) -> None:
    problem = webhook_problem(url)
    assert problem
    assert "secret" not in problem


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T0/B0/x",
        "http://127.0.0.1:8080/services/x",
        "http://[::1]:8080/x",
        "http://localhost/x",
    ],
)
def test_https_and_loopback_are_good(url: str) -> None:
    assert webhook_problem(url) is None
