"""A key that is read again after a 401, when the time runs out in between."""

from __future__ import annotations

import httpx

from tests.unit.polyai.helpers import KEY, FakeKeys, Script, failed, fetch, in_turn, ok


def test_a_401_is_reported_though_no_time_was_left_to_try_the_new_key() -> None:
    """PolyAI was asked and said no: that says more than that the check's time ran out."""
    script = Script([httpx.Response(401), ok()])
    keys = FakeKeys(["pk-live-rotated-away", KEY])
    failure = failed(fetch(script, keys=keys, deadline=in_turn(20, 0)))
    assert (failure.code, failure.lasting, len(script.requests)) == (401, True, 1)
    assert keys.asked == [None, "pk-live-rotated-away"]
