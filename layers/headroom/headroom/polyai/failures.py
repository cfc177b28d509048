"""Why an attempt failed: statuses, error bodies and exceptions as one value, without secrets."""

from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

from headroom.domain.formatting import one_line
from headroom.domain.readings import Failure
from headroom.outgoing.backend import PrivateAddress
from headroom.outgoing.masking import masked
from headroom.polyai.replies import Reply

MEANINGS = {
    400: "ids, filters or time range refused",
    401: "expired or rotated, or of another region",
    403: "not allowed here: expired, or of another region or workspace",
    404: "no such account or project: often the wrong region",
    429: "asked too often",
    501: "this slice or filter is not offered",
}
"""What a status usually means; the words that matter first, for a lock screen. 401 and 403 speak of
the API key, whose name stands before them."""

LASTING = frozenset({400, 401, 403, 404, 501})
"""Statuses that do not pass by waiting."""

_CLASSES = {3: "PolyAI sent us elsewhere", 4: "PolyAI refused the request", 5: "PolyAI failed"}
_DETAIL_LENGTH = 280


@dataclass(frozen=True, slots=True)
class Setback:
    """One attempt that failed, and whether another may do better.

    `retry_after`: the seconds that PolyAI asked to wait, None when it did not say.
    """

    failure: Failure
    retryable: bool = False
    retry_after: float | None = None


NO_TIME = Setback(Failure("timeout", "the check had no time left to ask PolyAI"))
"""Of an attempt that could not begin."""


def from_reply(reply: Reply) -> Setback:
    """Of an answer with a status other than 200.

    429 and 5xx may be tried again, but for 501. Other statuses that DESIGN names nowhere (3xx, 405)
    are neither tried again nor called lasting: something on the way may be wrong for a while.
    """
    status, body = reply.status, _error_body(reply.body)
    meaning = MEANINGS.get(status) or _CLASSES.get(status // 100, "PolyAI answered nothing usable")
    message = _message(body)
    failure = Failure(
        status,
        f"{meaning}: {message}" if message else meaning,
        lasting=status in LASTING,
        correlation_id=reply.correlation_id or _text(_inner(body), "correlation_id"),
    )
    passing = status == httpx.codes.TOO_MANY_REQUESTS or httpx.codes.is_server_error(status)
    return Setback(failure, passing and status not in LASTING, reply.retry_after)


def from_error(error: Exception, host: str, seconds: float) -> Setback:
    """Of an attempt without an answer; `seconds` is what it had."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        failure = Failure("timeout", f"no answer from {host} within {seconds:.0f} s")
        return Setback(failure, retryable=True)
    if isinstance(error, PrivateAddress):
        return Setback(Failure("network", f"not asked: {host} {error}"))
    causes = tuple(_causes(error))
    refused = [cause for cause in causes if isinstance(cause, ssl.SSLError)]
    if refused:
        return _from_tls(refused[0], host)
    reasons = dict.fromkeys(filter(None, map(_reason, causes)))
    reason = ", ".join(reasons) or type(error).__name__
    return Setback(Failure("network", f"no answer from {host}: {reason}"), retryable=True)


def scrubbed(failure: Failure, secret: str) -> Failure:
    """The failure as logs and notices may show it: one line, cut short, without the secret."""
    return replace(
        failure,
        detail=_clean(failure.detail, secret),
        correlation_id=_clean(failure.correlation_id, secret),
    )


def _clean(text: str, secret: str) -> str:
    """One line. What cannot be printed parts words, as line ends do; letters of every script stay.

    It is cut first, since a message may be megabytes; but the secret goes before the last cut,
    which could leave half of it.
    """
    shown = masked(text[: 4 * _DETAIL_LENGTH], secret)[:_DETAIL_LENGTH]
    return one_line(shown, lambda char: char if char.isprintable() else " ")


def _from_tls(error: ssl.SSLError, host: str) -> Setback:
    """A certificate that is refused stays refused; a handshake that broke may work next time."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason, retryable = error.verify_message, False
    else:
        reason, retryable = error.reason or type(error).__name__, True
    return Setback(Failure("tls", f"no secure connection to {host}: {reason}"), retryable)


def _reason(error: BaseException) -> str:
    """What the system says of it, in the system's own words where it has them, else ''.

    asyncio writes `Connect call failed ('127.0.0.1', 9)` over `Connection refused`; a name that is
    not found has a number of another kind.
    """
    if not isinstance(error, OSError):
        return ""
    if error.errno is None or isinstance(error, socket.gaierror):
        return error.strerror or ""
    return os.strerror(error.errno)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """It and all below it; each address of a host has failed in its own way."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for one in error.exceptions:
                yield from _causes(one)
        error = error.__cause__ or error.__context__


def _error_body(body: bytearray) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _message(body: dict[str, Any]) -> str:
    """From any of the bodies that PolyAI sends, and from the gateway's own in front of it."""
    return (
        _text(body, "error_message")
        or _text(_inner(body), "message")
        or _text(body, "error")
        or _text(body, "message")
    )


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    value = body.get("error")
    return value if isinstance(value, dict) else {}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
