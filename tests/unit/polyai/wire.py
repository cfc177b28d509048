"""The client on a real line, and what an honest PolyAI answers there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import httpx

from headroom.domain.readings import Answer, Failure
from headroom.polyai.client import PolyAI
from headroom.ports import Deadline
from tests.builders import T0
from tests.support import http_server
from tests.unit.polyai.helpers import LINE, PLENTY, WHOLE_PROJECT, FakeKeys, as_bytes, failed

HONEST = bytes(http_server.Answer(200, as_bytes()))


async def honest(writer: asyncio.StreamWriter) -> None:
    writer.write(HONEST)
    await writer.drain()


async def no_wait(_: float) -> None:
    """Retry at once."""


@asynccontextmanager
async def client_of(
    url: str,
    transport: httpx.AsyncBaseTransport | None = None,
    sleep: Callable[[float], Awaitable[None]] = no_wait,
) -> AsyncIterator[PolyAI]:
    client = PolyAI(FakeKeys(), base_url=url, loopback=True, transport=transport, sleep=sleep)
    try:
        yield client
    finally:
        await client.close()


async def fetch_from(client: PolyAI, deadline: Deadline = PLENTY) -> Answer | Failure:
    return await client.fetch(LINE, WHOLE_PROJECT, T0, T0 + 200, deadline=deadline)


async def failing(fetch: Coroutine[Any, Any, Answer | Failure]) -> Failure:
    return failed(await fetch)
