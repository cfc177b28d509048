"""An answer that asks to wait: which projects it concerns, and what the check learns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from headroom.domain.readings import Answer, Failure
from headroom.polyai.client import PolyAI
from headroom.polyai.connection import CONNECTIONS
from headroom.ports import Deadline
from tests.builders import T0
from tests.unit.polyai.helpers import LINE, PLENTY, WHOLE_PROJECT, FakeKeys, in_turn, ok
from tests.unit.polyai.wire import no_wait

SENT = "Mon, 23 Nov 2026 10:05:00 GMT"


def asking_to_wait(status: int = 429, retry_after: str = "600", **more: str) -> httpx.Response:
    return httpx.Response(status, headers={"retry-after": retry_after} | more)


async def outcome(
    client: PolyAI, deadline: Deadline = PLENTY, *, line: str = "acme-team-4"
) -> Answer | Failure:
    asked = replace(LINE, name=line, project_id=line)
    return await client.fetch(asked, WHOLE_PROJECT, T0, T0 + 200, deadline=deadline)


def client_of(api: Callable[[httpx.Request], httpx.Response]) -> PolyAI:
    return PolyAI(FakeKeys(), transport=httpx.MockTransport(api), jitter=lambda: 0, sleep=no_wait)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("retry_after", ["1", "30", "600"])
def test_one_project_that_is_asked_to_wait_costs_no_other_its_check(
    status: int, retry_after: str
) -> None:
    """Nothing says that the limit is the key's, which all of them share."""
    asked: list[str] = []

    def api(request: httpx.Request) -> httpx.Response:
        line = request.url.path.split("/")[3]
        asked.append(line)
        return asking_to_wait(status, retry_after) if line == "busy" else ok(project_id=line)

    async def scenario() -> None:
        client = client_of(api)
        lines = ["busy", *(f"line-{number}" for number in range(3 * CONNECTIONS))]
        found = await asyncio.gather(*(outcome(client, line=each) for each in lines))
        assert isinstance(found[0], Failure)
        assert {type(each) for each in found[1:]} == {Answer}
        assert sorted(line for line in asked if line != "busy") == sorted(lines[1:])
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
        client = client_of(lambda _: answer)
        refusal = await outcome(client, in_turn(50, 0))
        assert isinstance(refusal, Failure)
        assert refusal.retry_after == seconds
        await client.close()

    asyncio.run(scenario())
