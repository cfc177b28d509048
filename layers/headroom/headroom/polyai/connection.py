"""The connections to one host: at most ten requests at once, and their outcomes as values."""

from __future__ import annotations

import asyncio
from functools import partial

import httpx

from headroom.net.responses import PLAIN, start_of
from headroom.polyai import failures
from headroom.polyai.failures import FailedAttempt, Reply
from headroom.polyai.pool import Workers
from headroom.ports import Deadline

CONNECTIONS = 10
"""To one host; further requests wait their turn."""
LIMITS = httpx.Limits(
    max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=150.0
)
"""Idle connections live longer than the minute between two checks (seconds), so that one TLS
handshake serves many checks."""
REQUEST_TIMEOUT = 10.0
"""Seconds for one attempt, from connecting to the last byte."""
SHORTEST_ATTEMPT = 0.5
"""Seconds; an attempt is not started with less left."""
LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes; a week of one series is about 0.2 MB, a day of 80 variants about 4."""


class Host:
    """One `httpx.AsyncClient`, kept over checks; made inside the loop that uses it."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport) -> None:
        parsed = httpx.URL(url)
        self.name = parsed.host
        self._headers = [
            (b"host", parsed.netloc),
            (b"accept", b"application/json"),
            (b"user-agent", b"headroom"),
            *((name.encode(), value.encode()) for name, value in PLAIN.items()),
        ]
        self._workers: Workers[Reply | FailedAttempt] = Workers(CONNECTIONS)
        self._client = httpx.AsyncClient(
            transport=transport,
            trust_env=False,
            timeout=None,  # noqa: S113  (one deadline over the whole attempt is cheaper and stricter)
        )

    async def get(self, address: str, key: str, deadline: Deadline) -> Reply | FailedAttempt:
        """Make one attempt: an answer with status 200, or why there is none."""
        return await self._workers.do(partial(self._attempt, address, key, deadline))

    async def close(self) -> None:
        """Cancel what is in flight and close the connections."""
        await self._workers.stop()
        await self._client.aclose()

    async def _attempt(self, address: str, key: str, deadline: Deadline) -> Reply | FailedAttempt:
        seconds = min(REQUEST_TIMEOUT, deadline.left())
        if seconds < SHORTEST_ATTEMPT:
            return failures.NO_TIME
        try:
            async with asyncio.timeout(seconds):
                reply = await self._exchange(address, key)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            return failures.from_error(error, self.name, seconds)
        return reply if reply.status == httpx.codes.OK else failures.from_reply(reply)

    async def _exchange(self, address: str, key: str) -> Reply:
        # A request built here, and not by the client, skips its merging of defaults (0.1 ms).
        request = httpx.Request(
            "GET",
            address,
            headers=[*self._headers, (b"x-api-key", key.encode("ascii"))],
            extensions={"timeout": {}},
        )
        response = await self._client.send(request, stream=True)
        try:
            body, whole = await start_of(response, LARGEST_ANSWER)
        finally:
            await response.aclose()
        return Reply(response.status_code, response.headers, body, whole)
