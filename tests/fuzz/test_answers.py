"""PolyAI's answers: whatever comes, it is an Answer or a Failure, soon, and without the key."""

from __future__ import annotations

import asyncio
import json

import httpx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headroom.domain.readings import Answer, Failure, Query
from headroom.domain.windows import WINDOW, iso
from headroom.net.responses import LONGEST_WAIT, retry_after
from headroom.polyai.answers import InvalidAnswer, gather, read
from headroom.polyai.client import PolyAI
from headroom.polyai.connection import LARGEST_ANSWER
from tests.builders import T0
from tests.fuzz.meter import timed
from tests.fuzz.texts import edited, near, pumped
from tests.fuzz.trees import JUNK, mutated
from tests.unit.polyai.helpers import (
    BY_VARIANT,
    KEY,
    LINE,
    PLENTY,
    WHOLE_PROJECT,
    FakeKeys,
    Script,
    body,
    interval,
)

HOURS = 12
UNTIL = T0 + HOURS * 3600

PLAIN = body(*(interval(T0 + place * WINDOW, place) for place in range(12)))
SLICED = body(
    *(
        interval(T0 + place * WINDOW, place, variant_id=f"v{place % 3}", variant_name="summer")
        for place in range(12)
    )
)
ERROR = {
    "error_message": "no such account",
    "error": {"message": "not allowed", "correlation_id": "c-1"},
    "message": "Forbidden",
}

TIMES = near(
    [
        *(iso(T0).replace("Z", zone) for zone in ("Z", ".000Z", "", "+01:00")),
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:55:00-14:00",
        "2026-11-23T24:00:00Z",
    ]
)
TREES = mutated(PLAIN) | mutated(SLICED) | mutated(ERROR) | JUNK
BODIES = (
    TREES.map(lambda tree: json.dumps(tree).encode())
    | st.sampled_from([PLAIN, SLICED])
    .map(json.dumps)
    .flatmap(lambda text: edited(st.just(text)) | pumped(st.just(text), 100_000))
    .map(lambda text: text.encode(errors="surrogatepass"))
    | st.binary(max_size=300)
)
QUERIES = st.sampled_from([WHOLE_PROJECT, BY_VARIANT])
STATUSES = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 404, 405, 429, 500]) | (
    st.integers(200, 999)
)
DATES = near(["Mon, 23 Nov 2026 10:05:00 GMT", "Monday, 23-Nov-26 10:05:00 GMT", "120", "0"])
ASCII = DATES.map(lambda text: text.encode("ascii", errors="ignore").decode())


def readings(content: bytes, query: Query) -> Answer | None:
    """What one body says; None when it is refused."""
    try:
        return gather(read(content, LINE, query), query, T0, UNTIL)
    except InvalidAnswer:
        return None


def sound(answer: Answer | None, query: Query) -> None:
    """An answer holds windows that were asked for, and counts."""
    if answer is None:
        return
    assert query.slice_by or list(answer.series) == [""]
    for peaks in answer.series.values():
        assert all(T0 <= window <= UNTIL and window % WINDOW == 0 for window in peaks)
        assert all(type(peak) is int and peak >= 0 for peak in peaks.values())
    assert answer.names.keys() <= answer.series.keys()


@given(BODIES, QUERIES)
def test_any_body_is_an_answer_or_refused(content: bytes, query: Query) -> None:
    sound(timed("answer, any body", lambda: readings(content, query)), query)


@given(TIMES, st.integers(-1, 10**10) | st.integers(), QUERIES)
def test_any_time_and_peak_is_a_reading_or_refused(text: str, peak: int, query: Query) -> None:
    row = {"time": text, "max_concurrent_conversations": peak, "variant_id": "v"}
    content = json.dumps(body(row)).encode()
    sound(timed("answer, any time", lambda: readings(content, query)), query)


@given(ASCII, ASCII)
def test_any_retry_after_is_a_number_of_seconds_or_nothing(told: str, date: str) -> None:
    headers = {"retry-after": told, "date": date}
    seconds = timed("retry-after", lambda: retry_after(headers))
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


HEADERS = st.dictionaries(
    st.sampled_from(
        ["retry-after", "date", "x-polyai-correlation-id", "content-encoding", "location"]
    )
    | st.from_regex(r"[a-z-]{1,12}", fullmatch=True),
    ASCII | st.text(st.characters(codec="latin-1"), max_size=30),
    max_size=4,
)


@given(STATUSES, HEADERS, BODIES, QUERIES)
def test_any_http_answer_is_an_answer_or_a_failure_without_the_key(
    status: int, headers: dict[str, str], content: bytes, query: Query
) -> None:
    response = httpx.Response(
        status,
        headers=[(k.encode(), v.encode("latin-1")) for k, v in headers.items()],
        content=content,
    )
    found = timed("http answer", lambda: asyncio.run(exchange(response, query)))
    if isinstance(found, Answer):
        sound(found, query)
    else:
        told = f"{found.code} {found.detail} {found.correlation_id}"
        assert KEY not in told
        assert told.isprintable()
        assert len(told) < 700


async def exchange(response: httpx.Response, query: Query) -> Answer | Failure:
    """One fetch, its retries without waiting."""
    script = Script([response])
    transport = httpx.MockTransport(script)
    client = PolyAI(FakeKeys(), transport=transport, jitter=lambda: 0.5, sleep=script.sleep)
    try:
        return await client.fetch(LINE, query, T0, UNTIL, deadline=PLENTY)
    finally:
        await client.close()


OWNER = json.dumps(body())[:-2]
FILLERS = ("1,", "{},", '{"time":1},', '{"a":[', "[", '"', "\\u0041", "9", " ", "null,", '"a":1,')
HEADS = (OWNER, '{"intervals":[', "[", "{", '{"a":', "")
LONGEST = 1.0
"""Seconds for 4 MiB of anything: the JSON alone takes a good part of it."""


@settings(max_examples=max(30, settings().max_examples // 50))
@given(st.sampled_from(HEADS), st.sampled_from(FILLERS), st.sampled_from(["]}", "1]}", "1}", ""]))
@example(OWNER, "1,", "1]}")  # two million faults, of which pydantic would tell each: 9 s, 3 GB
def test_an_answer_as_long_as_it_may_be_is_refused_in_time(
    head: str, filler: str, tail: str
) -> None:
    times = (LARGEST_ANSWER - len(head + tail)) // len(filler)
    content = (head + filler * times + tail).encode()
    timed("answer, longest", lambda: readings(content, WHOLE_PROJECT), LONGEST)


def test_a_good_answer_as_long_as_it_may_be_is_read_in_time() -> None:
    """Twelve hours of two hundred and fifty variants."""
    rows = [
        interval(T0 + place // 258 * WINDOW, 3, variant_id=f"v{place % 258}", variant_name="one")
        for place in range(36_800)
    ]
    content = json.dumps(body(*rows)).encode()
    assert LARGEST_ANSWER * 0.95 < len(content) < LARGEST_ANSWER
    assert timed("answer, longest good", lambda: readings(content, BY_VARIANT), LONGEST)
