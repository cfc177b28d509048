"""Reads what services answer: up to a limit, never unpacked; and their `Retry-After`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from typing import cast

import httpx

PLAIN = {"accept-encoding": "identity"}
"""Headers of each request: answers are small, and a few packed bytes could unpack to gigabytes."""

LONGEST_WAIT = 365 * 24 * 3600.0
"""Seconds; a longer wait counts as this one, so that no number is too large to calculate with."""


def packed(headers: httpx.Headers) -> str:
    """The codings that an answer is packed with although nobody asked for any; '' without one.

    The header is a list, and case does not count (RFC 9110 section 8.4).
    """
    codings = (each.strip() for each in headers.get("content-encoding", "").split(","))
    return ", ".join(each for each in codings if each.lower() not in ("", "identity"))


async def start_of(response: httpx.Response, most: int) -> tuple[bytearray, bool]:
    """The first `most` bytes of the body, and whether that was all; the caller closes it."""
    body = bytearray()
    # httpx's own readers unpack; those that do not refuse what a test's transport made.
    stream = cast("httpx.AsyncByteStream", response.stream)
    async with aclosing(cast("AsyncGenerator[bytes]", aiter(stream))) as parts:
        async for part in parts:
            body += part
            if len(body) > most:
                del body[most:]
                return body, False
    return body, True


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that an answer asks to wait, 0 to `LONGEST_WAIT`; None when it does not say.

    `headers` have lower-case names or ignore case. Both forms of RFC 9110 section 10.2.3 are read;
    a date counts from the answer's own `Date`, so that neither clock has to be right.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        until, sent = (parsedate_to_datetime(date) for date in (value, headers.get("date", "")))
        return min(max(0.0, (until - sent).total_seconds()), LONGEST_WAIT)
    except (ValueError, TypeError, OverflowError):  # no dates, or only one of them names a zone
        return None
