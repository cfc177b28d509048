"""The heartbeat: one GET to an address that somebody outside waits for.

GET, since all such services take it (healthchecks.io/docs/http_api and Better Stack take POST too,
and keep its body; deadmanssnitch.com/docs shows plain curl). Nothing of Headroom's is sent along.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx
from pydantic import SecretStr

from headroom.channels.http import get
from headroom.channels.outcomes import unanswered


class HttpHeartbeat:
    """A `Heartbeat`; `client` gives the client of the channels, made when it is first needed."""

    def __init__(self, client: Callable[[], httpx.AsyncClient]) -> None:
        self._client = client

    async def beat(self, url: SecretStr, seconds: float) -> None:
        """See `Heartbeat.beat`; any 2xx is a success, and a redirect is none."""
        reply = await get(self._client(), url, seconds)
        if not reply.succeeded:
            raise unanswered(reply, reply.title)  # the title alone: a body may repeat the address
