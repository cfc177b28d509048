"""Slack by incoming webhook: the sending. `slack_blocks` has the message.

Success is 200 with the body `ok`; what else it answers is plain text
(docs.slack.dev, "Sending messages using incoming webhooks").
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import SecretStr

from headroom.channels.http import TIMEOUT, Reply, post, refused, safe
from headroom.channels.slack_blocks import payload
from headroom.channels.slack_digest import digest_payload
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice

__all__ = ["SlackWebhook", "payload"]

KNOWN = frozenset(
    {
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_blocks",
        "invalid_payload",
        "invalid_token",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "no_text",
        "posting_to_general_channel_denied",
        "rate_limited",
        "rollup_error",
        "team_disabled",
        "too_many_attachments",
        "user_not_found",
    }
)
"""Slack's own words for refusals: told as they are, since none can be a secret."""


class SlackWebhook:
    """One Slack channel."""

    pages = False
    timeout = TIMEOUT

    def __init__(
        self,
        name: str,
        webhook_url: SecretStr,
        client: httpx.AsyncClient,
    ) -> None:
        self._name = name
        self._url = webhook_url
        self._client = client

    @property
    def name(self) -> str:
        """As projects name it."""
        return self._name

    async def send(self, notice: Notice) -> None:
        """Return when Slack said `ok`. Raises DeliveryError."""
        await self._post(payload(notice))

    async def send_digest(self, digest: Digest) -> None:
        """Return when Slack said `ok` to the digest. Raises DeliveryError."""
        await self._post(digest_payload(digest))

    async def _post(self, body: Mapping[str, Any]) -> None:
        reply = await post(self._client, self._url, body, self.timeout)
        if reply.status != HTTPStatus.OK or reply.body.strip() != "ok":
            raise refused(reply, _reason(reply, self._url))


def _reason(reply: Reply, url: SecretStr) -> str:
    word = reply.body.strip()
    if word in KNOWN:
        return f"{reply.status} {word}"
    said, status = safe(word, url), reply.instead_of(HTTPStatus.OK)
    if reply.status == HTTPStatus.OK:
        status = "200 without ok"
    return f"{status}: {said}" if said else status
