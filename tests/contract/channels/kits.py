"""What the shared suite needs of each channel: how to make one, and how its service talks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import boto3
import httpx
from botocore.config import Config
from mypy_boto3_sns import SNSClient
from pydantic import SecretStr

from headroom.channels.console import Console
from headroom.channels.pagerduty import PagerDuty
from headroom.channels.slack import SlackWebhook
from headroom.channels.sns import Sns
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice
from headroom.net.threads import Threads
from headroom.net.transport import client as guarded
from headroom.ports import Channel, Chat
from tests.support.http_server import Answer

SECRET = "q9Zr7Lw2Xk5Vb8Nm3Tc6Yh1J"
"""What must never be told: a webhook's path, a routing key, an AWS secret."""

PATIENCE = 10.0
"""Seconds until a channel gives up; shorter where a test waits for that."""


@dataclass(frozen=True)
class Kit:
    """One channel over a service at an address that the test chooses."""

    name: str
    make: Callable[[str, httpx.AsyncClient, float], Channel]
    accepted: Answer
    refused: Answer
    """What its service says of what it will never take."""
    says: Callable[[int, str], Answer]
    """How its service phrases a status, with a remark in it."""

    def send(
        self, url: str, *notices: Notice, patience: float = PATIENCE
    ) -> list[DeliveryFailure | None]:
        """Send them one after the other, as delivery would."""

        async def run() -> list[DeliveryFailure | None]:
            async with guarded(loopback=True) as http:
                channel = self.make(url, http, patience)
                return [await channel.send(notice) for notice in notices]

        return asyncio.run(run())

    def made(self) -> Channel:
        """Make one that sends nothing."""
        return self.make("https://example.com", httpx.AsyncClient(), PATIENCE)

    def send_digest(self, url: str, digest: Digest) -> DeliveryFailure | None:
        """Send one, as delivery would to a chat channel."""

        async def run() -> DeliveryFailure | None:
            async with guarded(loopback=True) as http:
                channel = self.make(url, http, PATIENCE)
                assert isinstance(channel, Chat)
                return await channel.send_digest(digest)

        return asyncio.run(run())


def _slack(url: str, client: httpx.AsyncClient, patience: float) -> Channel:
    channel = SlackWebhook(SecretStr(f"{url}/services/T0/B0/{SECRET}"), client)
    channel.timeout = patience
    return channel


def _pagerduty(url: str, client: httpx.AsyncClient, patience: float) -> Channel:
    channel = PagerDuty(SecretStr(SECRET), client, api_url=url)
    channel.timeout = patience
    return channel


def _sns(url: str, _: httpx.AsyncClient, patience: float) -> Channel:
    return Sns(
        "arn:aws:sns:eu-west-2:123456789012:told",
        cache(lambda: client(url, patience)),
        Threads(1, "sns"),
    )


def client(url: str, patience: float) -> SNSClient:
    """Make a real client of SNS at that address: one try, so that nothing sleeps."""
    return boto3.client(
        "sns",
        endpoint_url=url,
        region_name="eu-west-2",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=SECRET,
        config=Config(
            connect_timeout=patience, read_timeout=patience, retries={"total_max_attempts": 1}
        ),
    )


def _slack_says(status: int, remark: str) -> Answer:
    return Answer(status, remark or "no_service")


def _pagerduty_says(status: int, remark: str) -> Answer:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": [remark]}
    return Answer(status, json.dumps(body))


def _sns_says(status: int, remark: str) -> Answer:
    codes = {403: "AuthorizationError", 404: "NotFound", 429: "Throttling"}
    code = codes.get(status, "InternalError" if status >= 500 else "InvalidParameter")
    error = f"<Error><Code>{code}</Code><Message>{remark}</Message></Error>"
    return Answer(status, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>")


PUBLISHED = (
    "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult>"
    "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
)

KITS = (
    Kit("slack", _slack, Answer(200, "ok"), Answer(410, "channel_is_archived"), _slack_says),
    Kit(
        "pagerduty",
        _pagerduty,
        Answer(202, '{"status": "success"}'),
        _pagerduty_says(400, "x"),
        _pagerduty_says,
    ),
    Kit("sns", _sns, Answer(200, PUBLISHED), _sns_says(404, "x"), _sns_says),
)


def _console(_url: str, _client: httpx.AsyncClient, _patience: float) -> Channel:
    return Console(lambda _line: None)


CONSOLE = Kit("console", _console, Answer(200), Answer(400), lambda status, _: Answer(status))
"""Nothing can refuse there: it takes part where that does not matter."""
