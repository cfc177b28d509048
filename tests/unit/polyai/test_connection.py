"""The client against a real server: connections, cut-offs, time-outs."""

from __future__ import annotations

import asyncio
import gzip
import socket

import pytest

from headroom.polyai.connection import CONNECTIONS
from tests.support.http_server import HANG, Answer, Cut, serving
from tests.unit.polyai.helpers import answered, as_bytes, in_turn
from tests.unit.polyai.wire import client_of, failing, fetch_from, honest

EMPTY: dict[str, dict[int, int]] = {"": {}}


def test_never_more_than_ten_requests_are_in_flight_and_their_connections_are_kept() -> None:
    async def unhurried(writer: asyncio.StreamWriter) -> None:
        for _ in range(20):
            await asyncio.sleep(0)
        await honest(writer)

    async def scenario() -> None:
        async with serving(unhurried) as server, client_of(server.url) as client:
            for _ in range(2):  # two checks
                answers = await asyncio.gather(*(fetch_from(client) for _ in range(300)))
                assert all(answered(each).series == EMPTY for each in answers)
            assert len(server.requests) == 600
            assert server.most_in_flight == server.connections == 10

    asyncio.run(scenario())


def test_requests_one_at_a_time_share_one_connection() -> None:
    async def scenario() -> None:
        async with serving(honest) as server, client_of(server.url) as client:
            for _ in range(5):
                await fetch_from(client)
            assert (len(server.requests), server.connections) == (5, 1)

    asyncio.run(scenario())


def test_a_wait_before_a_retry_holds_up_nobody_else() -> None:
    async def scenario() -> None:
        all_wait, others_done = asyncio.Event(), asyncio.Event()
        waiting: list[float] = []

        async def wait(seconds: float) -> None:
            waiting.append(seconds)
            if len(waiting) == CONNECTIONS:
                all_wait.set()
            await others_done.wait()

        async with serving(Answer(429)) as server, client_of(server.url, sleep=wait) as client:
            held_up = [asyncio.create_task(fetch_from(client)) for _ in range(CONNECTIONS)]
            await all_wait.wait()
            server.answer = honest
            assert answered(await fetch_from(client)).series == EMPTY
            others_done.set()
            assert all(answered(each).series == EMPTY for each in await asyncio.gather(*held_up))

    asyncio.run(scenario())


def test_packing_is_not_asked_for_and_not_undone() -> None:
    """A few bytes may unpack to gigabytes."""
    packed = Answer(200, gzip.compress(as_bytes()), {"Content-Encoding": "gzip"})

    async def scenario() -> None:
        async with (
            serving(packed) as server,
            client_of(server.url) as client,
        ):
            failure = await failing(fetch_from(client))
            assert b"accept-encoding: identity\r\n" in server.requests[0].head.lower()
            assert failure.code == "invalid"
            assert "gzip" in failure.detail

    asyncio.run(scenario())


@pytest.mark.parametrize("coding", ["identity", "Identity", "IDENTITY", "identity, identity", ""])
def test_an_answer_that_says_it_is_not_packed_is_read(coding: str) -> None:
    plain = Answer(200, as_bytes(), {"Content-Encoding": coding})

    async def scenario() -> None:
        async with (
            serving(plain) as server,
            client_of(server.url) as client,
        ):
            assert answered(await fetch_from(client)).series == EMPTY

    asyncio.run(scenario())


def test_silence_is_a_time_out_and_the_next_fetch_works() -> None:
    async def scenario() -> None:
        async with serving(HANG) as server, client_of(server.url) as client:
            failure = await failing(fetch_from(client, in_turn(0.5, 0)))
            assert (failure.code, failure.lasting) == ("timeout", False)
            assert "127.0.0.1" in failure.detail
            server.answer = honest
            assert answered(await fetch_from(client)).series == EMPTY

    asyncio.run(scenario())


def test_a_refused_connection_is_reported_as_such() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    async def scenario() -> None:
        async with client_of(url) as client:
            failure = await failing(fetch_from(client))
            assert (failure.code, failure.lasting) == ("network", False)
            assert failure.detail == "no answer from 127.0.0.1: Connection refused"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "rubbish", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"SSH-2.0\r\n"]
)
def test_a_line_that_drops_or_speaks_no_http_is_a_network_failure(rubbish: bytes) -> None:
    async def scenario() -> None:
        async with serving(Cut(rubbish)) as server, client_of(server.url) as client:
            assert (await failing(fetch_from(client))).code == "network"
            assert len(server.requests) == 3

    asyncio.run(scenario())
