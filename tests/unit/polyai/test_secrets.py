"""No failure, however odd the answer, shows the key; and no body ends in anything else."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.domain.readings import Answer, Query
from tests.builders import T0
from tests.unit.polyai.helpers import (
    BY_VARIANT,
    KEY,
    WHOLE_PROJECT,
    FakeKeys,
    Script,
    body,
    failed,
    fetch,
    in_turn,
    ok,
    raw,
    refusal,
)

ECHO = f"key {KEY} is not good"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"error_message": ECHO}),
        httpx.Response(500, json={"error": {"message": "x" * 230 + KEY, "correlation_id": KEY}}),
        httpx.Response(400, json={"error": ECHO}, headers={"x-polyai-correlation-id": KEY}),
        httpx.Response(404, text=ECHO),
        ok(project_id=KEY),
        ok({"time": KEY, "max_concurrent_conversations": KEY}),
        ok(account_id=["x", KEY]),
        raw(ECHO.encode(), x_polyai_correlation_id=KEY),
        raw(b"{}", content_encoding=KEY),
        httpx.ConnectError(ECHO),
        httpx.LocalProtocolError(ECHO),
        httpx.ReadTimeout(ECHO),
    ],
)
def test_the_key_is_in_no_failure(
    answer: httpx.Response | Exception,
) -> None:
    shown = repr(refusal(answer))
    assert not any(KEY[:length] in shown for length in (8, len(KEY)))


def test_a_key_that_is_rotated_meanwhile_is_in_no_failure() -> None:
    script, keys = Script([httpx.Response(401, json={"message": ECHO})]), FakeKeys([KEY, "second"])
    failure = failed(fetch(script, keys=keys, deadline=in_turn(50, 0)))
    assert (failure.code, KEY[:8] in failure.detail, keys.values) == (401, False, ["second"])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
times = anything | st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat())
nearly_intervals = st.fixed_dictionaries(
    {"time": times | st.sampled_from(["2026-11-23T10:05:00Z", "2026-11-23T10:05:00.000Z"])},
    optional={
        "max_concurrent_conversations": st.integers(0, 200) | anything,
        "variant_id": st.text() | anything,
        "variant_name": st.text() | anything,
    },
)
nearly_answers = st.fixed_dictionaries(
    {"intervals": st.lists(nearly_intervals, max_size=3) | anything},
    optional={"account_id": anything, "project_id": anything},
).map(lambda changes: json.dumps(body(**changes)).encode())
bodies = st.binary() | anything.map(lambda value: json.dumps(value).encode()) | nearly_answers


@settings(max_examples=150, deadline=None)
@given(
    content=bodies,
    query=st.sampled_from([WHOLE_PROJECT, BY_VARIANT]),
    status=st.sampled_from([200, 200, 403, 500]),
)
def test_any_body_is_an_answer_of_counts_or_a_failure_and_nothing_else(
    content: bytes, query: Query, status: int
) -> None:
    script = Script([httpx.Response(status, content=content)])
    answer = fetch(script, query)
    if isinstance(answer, Answer):
        peaks = [item for series in answer.series.values() for item in series.items()]
        assert all(T0 <= window <= T0 + 200 and peak >= 0 for window, peak in peaks)
