"""Sends to Slack's incoming webhooks; `slack_blocks` makes the message.

Success is 200 with the body `ok`; any other answer is one word of plain text
(docs.slack.dev, "Sending messages using incoming webhooks", "Handling errors").
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from headroom.channels.http import TIMEOUT, Reply, post
from headroom.channels.outcomes import as_object, denies, describe, not_accepted, refused
from headroom.channels.slack_blocks import digest_payload, payload
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice

__all__ = ["SlackWebhook", "payload"]

HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
"""Slack's own hosts; a webhook on any other is a receiver in Slack's place."""

_STATUSES = {
    "action_prohibited": HTTPStatus.FORBIDDEN,
    "channel_is_archived": HTTPStatus.GONE,
    "channel_not_found": HTTPStatus.NOT_FOUND,
    "invalid_payload": HTTPStatus.BAD_REQUEST,
    "user_not_found": HTTPStatus.BAD_REQUEST,
}
"""Refusals with the status that Slack states for them (docs.slack.dev/changelog, 2016-05-17)."""

_WORDS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_token",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "no_text",
        "posting_to_general_channel_denied",
        "team_disabled",
        "too_many_attachments",
    }
)
"""Refusals that Slack lists without a status; it sends them with one of `_STATUSES`."""

PERMANENT = frozenset(_STATUSES) | _WORDS
"""All words that Slack documents for permanent refusals."""

OF_THE_NOTICE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_payload",
        "missing_text_or_fallback_or_attachments",
        "msg_blocks_too_long",
        "no_text",
        "too_many_attachments",
    }
)
"""The refusals of one message; the others refuse the webhook, so every message fails."""

PASSING = frozenset({"rate_limited", "ratelimited", "rollup_error", "service_unavailable"})
"""Slack's words for temporary failures."""


class SlackWebhook:
    """One Slack channel."""

    is_pager = False
    timeout = TIMEOUT

    def __init__(
        self,
        webhook_url: SecretStr,
        client: httpx.AsyncClient,
    ) -> None:
        self._url = webhook_url
        self._client = client

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """See `Channel.send`."""
        return await self._post(payload(notice))

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        """See `Chat.send_digest`."""
        return await self._post(digest_payload(digest))

    async def _post(self, body: Mapping[str, Any]) -> DeliveryFailure | None:
        reply = await post(self._client, self._url, body, self.timeout)
        return reply if isinstance(reply, DeliveryFailure) else self._failure(reply)

    def _failure(self, reply: Reply) -> DeliveryFailure | None:
        word = _word(reply)
        if reply.succeeded and _accepts(reply, word, own=self._at_slack):
            return None
        if word in PERMANENT and (reply.succeeded or _documented(reply.status, word)):
            return refused(f"{reply.status} {word}", channel_at_fault=word not in OF_THE_NOTICE)
        if word in PERMANENT | PASSING:  # never a secret
            return not_accepted(reply, f"{reply.status} {word}")
        return not_accepted(reply, describe(reply, reply.body.strip(), self._url))

    @property
    def _at_slack(self) -> bool:
        return urlsplit(self._url.get_secret_value()).hostname in HOSTS


def _word(reply: Reply) -> str:
    """Slack's word: the body, or the `error` of a JSON answer like the Web API's."""
    error = as_object(reply.body).get("error")
    return error if isinstance(error, str) else reply.body.strip()


def _accepts(reply: Reply, word: str, *, own: bool) -> bool:
    """Whether a 2xx accepts the message.

    Slack accepts only with `ok`: without it the message may not have been posted, which is worse
    than posting it twice. Any other receiver accepts unless its body denies.
    """
    if own:
        return word.lower() == "ok" or as_object(reply.body).get("ok") is True
    return word not in PERMANENT | PASSING and not denies(reply.body)


def _documented(status: int, word: str) -> bool:
    if word in _STATUSES:
        return status == _STATUSES[word]
    return status in _STATUSES.values()
