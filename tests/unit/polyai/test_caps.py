"""How much of an answer is read, as a number: a cap that somebody raises is no cap."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.http_server import Answer, serving
from tests.unit.polyai.helpers import answered, as_bytes
from tests.unit.polyai.wire import client_of, failing, fetch_from

MOST = 4 * 1024 * 1024


@pytest.mark.parametrize(("size", "read"), [(MOST, True), (MOST + 1, False)])
def test_an_answer_is_read_up_to_4_mib_and_not_a_byte_more(size: int, *, read: bool) -> None:
    async def scenario() -> str:
        async with (
            serving(Answer(200, as_bytes().ljust(size))) as server,
            client_of(server.url) as client,
        ):
            if read:
                return repr(answered(await fetch_from(client)).series)
            return (await failing(fetch_from(client))).detail

    assert ("{'': {}}" if read else "4 MiB") in asyncio.run(scenario())
