"""Slack's answers: what it says of a refusal is told, and nothing else."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.slack import SlackWebhook
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
        (200, "", "200 without ok"),
        (200, "OK", "200 without ok: OK"),
        (200, "<html>Sign in</html>", "200 without ok: <html>Sign in</html>"),
        (204, "", "204, expected 200"),
        (201, "ok", "201, expected 200: ok"),
        (404, "no hook s3cr3t of T0", "404 Not Found: no hook ... of T0"),
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
