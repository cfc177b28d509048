"""Slack's answers: what it says of a refusal is told, and nothing else."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import SecretStr

from headroom.channels.slack import SlackWebhook
from headroom.domain.delivery_failures import DeliveryFailure
from tests.builders import failed, notice

URL = SecretStr("https://hooks.slack.com/services/T0/B0/s3cr3t")


def refusal(status: int, body: str) -> DeliveryFailure:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=body))

    async def send() -> DeliveryFailure | None:
        async with httpx.AsyncClient(transport=transport) as client:
            return await SlackWebhook(URL, client).send(notice())

    return failed(asyncio.run(send()))


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, "invalid_payload", "200 invalid_payload"),
        (200, "", "200 without acceptance"),
        (200, "<html>Sign in</html>", "200 without acceptance: <html>Sign in</html>"),
        (204, "", "204 without acceptance"),
        (404, "no hook s3cr3t of T0", "404 Not Found: no hook ... of T0"),
        (404, "no_service", "404 no_service"),
        (410, "channel_is_archived", "410 channel_is_archived"),
        (429, "rate_limited", "429 rate_limited"),
        (
            403,
            "<html>Blocked: https://hooks.slack.com/services/T0/B0/s3cr3t</html>",
            "403 Forbidden: <html>Blocked: ...</html>",
        ),
        (302, "", "302 Found"),
    ],
)
def test_a_failure_is_told_in_slack_s_words_and_does_not_sound_like_success(
    status: int, body: str, reason: str
) -> None:
    assert refusal(status, body).detail == reason
