"""A 429 that asks to wait: who is asked meanwhile, and what the check is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import SecretStr

from headroom.domain.readings import Answer
from headroom.errors import Unreadable
from headroom.polyai.client import PolyAI
from tests.builders import T0, project
from tests.unit.polyai.helpers import PLENTY, WHOLE_PROJECT, in_turn, ok
from tests.unit.polyai.wire import no_wait

SENT = "Mon, 23 Nov 2026 10:05:00 GMT"
OTHERS = project(api_key="others")


class NamedKeys:
    """A key of its own for each name."""

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        assert rejected is None
        return SecretStr(f"pk-{name}-4f9a8c1e7b2d")


@dataclass
class Api:
    """Answers the next request with `answer`, those after it well; remembers whose key they had."""

    answer: httpx.Response
    keys: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers["x-api-key"])
        return self.answer if len(self.keys) == 1 else ok()


def asking_to_wait(status: int = 429, retry_after: str = "600", **more: str) -> httpx.Response:
    return httpx.Response(status, headers={"retry-after": retry_after} | more)


async def outcome(client: PolyAI, remaining: Callable[[], float] = PLENTY) -> Answer | Unreadable:
    try:
        return await client.fetch(project(), WHOLE_PROJECT, T0, T0 + 200, remaining=remaining)
    except Unreadable as refusal:
        return refusal


def client_of(api: Api) -> PolyAI:
    return PolyAI(NamedKeys(), transport=httpx.MockTransport(api), jitter=lambda: 0, sleep=no_wait)


def test_no_other_with_the_key_is_begun_before_the_wait_is_over_and_those_with_another_are() -> (
    None
):
    api = Api(asking_to_wait())

    async def scenario() -> None:
        client = client_of(api)
        assert isinstance(await outcome(client), Unreadable)
        held = await outcome(client)
        assert isinstance(held, Unreadable)
        assert (held.failure.code, held.failure.lasting, len(api.keys)) == (429, False, 1)
        await client.fetch(OTHERS, WHOLE_PROJECT, T0, T0 + 200, remaining=PLENTY)
        assert len(set(api.keys)) == 2
        await client.close()

    asyncio.run(scenario())


def test_one_that_is_held_waits_for_as_long_as_was_asked_and_then_asks() -> None:
    api = Api(asking_to_wait(retry_after="30"))

    async def scenario() -> None:
        client = client_of(api)
        assert isinstance(await outcome(client, in_turn(50, 50, 0)), Unreadable)
        assert isinstance(await outcome(client), Answer)
        await client.close()

    asyncio.run(scenario())


def test_the_next_check_asks_the_others_again_whatever_the_wait_was() -> None:
    """Nothing says that the limit is the key's: one project's must not blind all for an hour."""
    api = Api(asking_to_wait())

    async def scenario() -> None:
        client = client_of(api)
        assert isinstance(await outcome(client, in_turn(50, 0)), Unreadable)
        assert isinstance(await outcome(client), Answer)
        await client.close()

    asyncio.run(scenario())


def test_a_503_that_asks_to_wait_speaks_for_its_own_project_alone() -> None:
    api = Api(asking_to_wait(503))

    async def scenario() -> None:
        client = client_of(api)
        assert isinstance(await outcome(client), Unreadable)
        assert isinstance(await outcome(client), Answer)
        await client.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (asking_to_wait(), 600),
        (asking_to_wait(503), 600),
        (asking_to_wait(retry_after="Mon, 23 Nov 2026 10:15:00 GMT", date=SENT), 600),
        (asking_to_wait(retry_after="soon"), None),
        (asking_to_wait(404), None),
    ],
)
def test_a_refusal_says_how_long_polyai_asked_to_wait(
    answer: httpx.Response, seconds: float | None
) -> None:
    """Where the wait may help: what is wrong for good is asked again at every check."""

    async def scenario() -> None:
        client = client_of(Api(answer))
        refusal = await outcome(client, in_turn(50, 0))
        assert isinstance(refusal, Unreadable)
        assert refusal.retry_after == seconds
        await client.close()

    asyncio.run(scenario())
