"""Reading what others answer: never more than is wanted, and never unpacked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

import httpx

PLAIN = {"accept-encoding": "identity"}
"""Of each request: answers are small, and a few packed bytes could unpack to gigabytes."""


def packed(headers: httpx.Headers) -> str:
    """How an answer's body is packed though nobody asked for it; '' when it is not.

    The header is a list, and case does not count (RFC 9110 section 8.4).
    """
    codings = (each.strip() for each in headers.get("content-encoding", "").split(","))
    return ", ".join(each for each in codings if each.lower() not in ("", "identity"))


async def start_of(response: httpx.Response, most: int) -> tuple[bytearray, bool]:
    """The body up to so many bytes, and whether that was all; whoever sent it closes it."""
    body = bytearray()
    # Its own readers unpack; and those that do not refuse what a test's transport made.
    stream = cast("httpx.AsyncByteStream", response.stream)
    async with aclosing(cast("AsyncGenerator[bytes]", aiter(stream))) as parts:
        async for part in parts:
            body += part
            if len(body) > most:
                del body[most:]
                return body, False
    return body, True
