from __future__ import annotations

import asyncio

import httpx
import pytest

from headroom.domain.windows import WEEK
from headroom.polyai.connection import CONNECTIONS
from tests.builders import T0, line, query
from tests.unit.polyai.helpers import (
    PLENTY,
    WHOLE_PROJECT,
    Script,
    always,
    answered,
    failed,
    fetch,
    in_turn,
    ok,
)
from tests.unit.polyai.wire import client_of, failing

SENT = "Mon, 23 Nov 2026 10:05:00 GMT"


def limited(retry_after: str | None = None, **more: str) -> httpx.Response:
    headers = {"retry-after": retry_after} if retry_after is not None else {}
    return httpx.Response(429, headers=headers | more)


@pytest.mark.parametrize(
    "trouble",
    [
        limited(),
        httpx.Response(500),
        httpx.Response(503),
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("hung up"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_what_may_pass_is_tried_again_in_the_same_fetch(
    trouble: httpx.Response | Exception,
) -> None:
    script = Script([trouble, trouble, ok()])
    assert answered(fetch(script)).series == {"": {}}
    assert len(script.requests) == 3


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422, 501, 302, 204])
def test_what_does_not_pass_is_asked_once(status: int) -> None:
    script = Script([httpx.Response(status), ok()])
    assert failed(fetch(script)).code == status
    assert (len(script.requests), script.waits) == (1, [])


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (httpx.Response(500), 500),
        (httpx.ReadError("x"), "network"),
        (httpx.ReadTimeout("x"), "timeout"),
    ],
)
def test_a_third_failure_is_the_end(trouble: httpx.Response | Exception, code: int | str) -> None:
    script = Script([trouble])
    failure = failed(fetch(script))
    assert (failure.code, failure.lasting, len(script.requests)) == (code, False, 3)


def test_waits_are_a_random_share_of_a_growing_span() -> None:
    shares = {}
    for jitter in (0.0, 0.25, 1.0):
        script = Script([httpx.Response(500)])
        failed(fetch(script, jitter=jitter))
        shares[jitter] = script.waits
    assert shares == {0.0: [0, 0], 0.25: [0.25, 0.5], 1.0: [1, 2]}


@pytest.mark.parametrize(
    ("answer", "waited"),
    [
        (limited("7"), 7),
        (limited("0"), 0),
        (limited("Mon, 23 Nov 2026 10:05:09 GMT", date=SENT), 9),
        (limited("soon"), 0),
        (limited(), 0),
        (httpx.Response(503, headers={"retry-after": "4"}), 4),
    ],
)
def test_a_try_waits_as_long_as_retry_after_says(answer: httpx.Response, waited: float) -> None:
    """In both its forms; where it says nothing, the span decides."""
    script = Script([answer, ok()])
    fetch(script, jitter=0)
    assert script.waits == [waited]


def test_many_that_were_asked_to_wait_for_the_same_moment_do_not_come_back_at_once() -> None:
    script = Script([limited("7"), ok()])
    fetch(script, jitter=0.25)
    assert script.waits == [7.25]


@pytest.mark.parametrize("retry_after", ["50", "86400", "9" * 400])
def test_a_wait_that_does_not_fit_is_not_begun(retry_after: str) -> None:
    script = Script([limited(retry_after), ok()])
    assert failed(fetch(script, deadline=always(50))).code == 429
    assert (len(script.requests), script.waits) == (1, [])


def test_no_try_begins_once_the_time_is_gone() -> None:
    """The failure says why a retry was needed, not that no time was left for it."""
    script = Script([httpx.Response(500)])
    assert failed(fetch(script, deadline=in_turn(20, 20, 0))).code == 500
    assert len(script.requests) == 1


def test_one_failed_request_fails_the_whole_fetch() -> None:
    script = Script([ok(), httpx.Response(404)])
    assert failed(fetch(script, first=T0, until=T0 + 3 * WEEK)).code == 404
    assert len(script.requests) == 2


def test_time_that_runs_out_between_two_ranges_of_a_fetch_is_a_failure() -> None:
    script = Script([ok()])
    time = in_turn(20, 20, 20, 0)
    sliced = query(slice_by="variant")
    failure = failed(fetch(script, sliced, first=T0, until=T0 + WEEK, deadline=time))
    assert (failure.code, failure.lasting) == ("timeout", False)
    assert script.requests


def test_a_hanging_polyai_is_asked_for_every_project_once_before_any_retry() -> None:
    """A time-out holds a connection for ten seconds, which another project may be waiting for."""
    lines = [line(project_id=f"line-{number}") for number in range(3 * CONNECTIONS)]
    asked: list[str] = []

    async def hang(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        await asyncio.sleep(0)
        raise httpx.ReadTimeout("")

    async def scenario() -> None:
        async with client_of("https://polyai.example", httpx.MockTransport(hang)) as client:
            fetches = (
                client.fetch(each, WHOLE_PROJECT, T0, T0 + 200, deadline=PLENTY) for each in lines
            )
            failures = await asyncio.gather(*map(failing, fetches))
        assert {failure.code for failure in failures} == {"timeout"}

    asyncio.run(scenario())
    rounds = [asked[start : start + len(lines)] for start in range(0, len(asked), len(lines))]
    assert [len(set(paths)) for paths in rounds] == 3 * [len(lines)]
