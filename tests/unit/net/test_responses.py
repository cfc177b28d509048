"""How long any service's answer asks to wait."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.net.responses import LONGEST_WAIT, retry_after

NOW = "Mon, 23 Nov 2026 10:05:00 GMT"


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("30", "", 30.0),
        (" 0 ", "", 0.0),
        ("Mon, 23 Nov 2026 10:07:00 GMT", NOW, 120.0),
        ("Mon, 23 Nov 2026 11:07:00 +0100", NOW, 120.0),
        ("Mon, 23 Nov 2026 10:00:00 GMT", NOW, 0.0),
        ("Mon, 23 Nov 2026 10:07:00 GMT", "", None),
        ("Mon, 23 Nov 2026 10:07:00 GMT", "today", None),
        ("Mon, 23 Nov 2026 10:07:00", NOW, None),
        ("Mon, 23 Nov 2026 10:05:09 +9999999999999", NOW, None),
        ("soon", NOW, None),
        ("", NOW, None),
        ("-5", "", None),
        ("1.5", "", None),
        ("inf", "", None),
        ("\u0663\u0660", "", None),
        ("\u00b2", "", None),
        ("9" * 10, "", LONGEST_WAIT),
        ("9" * 400, "", LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW, LONGEST_WAIT),
    ],
)
def test_seconds_and_dates_are_read_and_nothing_else(
    value: str, date: str, seconds: float | None
) -> None:
    assert retry_after({"retry-after": value, "date": date}) == seconds


def test_without_the_header_nothing_is_said_and_httpx_s_headers_heed_no_case() -> None:
    assert retry_after({}) is None
    assert retry_after(httpx.Headers({"Retry-After": "7"})) == 7


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it(value: str, date: str) -> None:
    seconds = retry_after({"retry-after": value, "date": date})
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT
