"""The heartbeat: one GET to the address of a dead man's switch.

All such services accept GET (healthchecks.io/docs/http_api and Better Stack also accept POST and
keep its body; deadmanssnitch.com/docs shows plain curl). The request carries no data.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx
from pydantic import SecretStr

from headroom.channels.http import get
from headroom.channels.outcomes import not_accepted
from headroom.domain.delivery_failures import DeliveryFailure


class HttpHeartbeat:
    """A `Heartbeat`; `client` returns the channels' client, made on first use."""

    def __init__(self, client: Callable[[], httpx.AsyncClient]) -> None:
        self._client = client

    async def beat(self, url: SecretStr, seconds: float) -> DeliveryFailure | None:
        """See `Heartbeat.beat`; a redirect is a failure."""
        reply = await get(self._client(), url, seconds)
        if isinstance(reply, DeliveryFailure):
            return reply
        if reply.succeeded:
            return None
        return not_accepted(reply, reply.title)  # no more than the title: a body may repeat the URL
