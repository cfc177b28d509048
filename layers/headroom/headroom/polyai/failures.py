"""Why an attempt failed: statuses, error bodies and exceptions as one value, without secrets."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass, replace
from typing import Any

import httpx

from headroom.domain.formatting import one_line
from headroom.domain.readings import UNASKED, Failure, FailureCode
from headroom.net.guarded_backend import PrivateAddress
from headroom.net.redaction import redact_known
from headroom.net.responses import retry_after
from headroom.net.system_errors import causes, tls_reason, why

MEANINGS = {
    400: "ids, filters or time range refused",
    401: "expired or rotated, or of another region",
    403: "not allowed here: expired, or of another region or workspace",
    404: "no such account or project: often the wrong region",
    429: "asked too often",
    501: "this slice or filter is not offered",
}
"""What a status usually means, the important words first, for a lock screen. 401 and 403 are about
the API key: its name is put before them."""

LASTING = frozenset({400, 401, 403, 404, 501})
"""Statuses that do not pass by waiting."""

_CLASSES = {3: "PolyAI sent us elsewhere", 4: "PolyAI refused the request", 5: "PolyAI failed"}
_DETAIL_LENGTH = 280


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers and body of one answer; `whole` is False when the body was cut off."""

    status: int
    headers: httpx.Headers
    body: bytearray
    whole: bool

    @property
    def correlation_id(self) -> str:
        """The id that PolyAI's support asks for; '' when there is none."""
        return str(self.headers.get("x-polyai-correlation-id", ""))


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One attempt that failed, and whether another attempt may succeed."""

    failure: Failure
    retryable: bool = False


NO_TIME = FailedAttempt(UNASKED)
"""The outcome of an attempt for which no time was left."""


def from_reply(reply: Reply) -> FailedAttempt:
    """The outcome of an answer with a status other than 200.

    429 and 5xx other than 501 may be retried. Statuses that DESIGN does not mention (3xx, 405) are
    neither retried nor called lasting: something on the way may be wrong for a while.
    """
    status, body = reply.status, _error_body(reply.body)
    meaning = MEANINGS.get(status) or _CLASSES.get(status // 100, "PolyAI answered nothing usable")
    message = _message(body)
    passing = status == httpx.codes.TOO_MANY_REQUESTS or httpx.codes.is_server_error(status)
    retryable = passing and status not in LASTING
    failure = Failure(
        status,
        f"{meaning}: {message}" if message else meaning,
        lasting=status in LASTING,
        correlation_id=reply.correlation_id or _text(_inner(body), "correlation_id"),
        retry_after=retry_after(reply.headers) if retryable else None,
    )
    return FailedAttempt(failure, retryable)


def from_error(error: Exception, host: str, seconds: float) -> FailedAttempt:
    """The outcome of an attempt without an answer, which had `seconds`."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        detail = f"no answer from {host} within {seconds:.0f} s"
        return FailedAttempt(Failure(FailureCode.TIMEOUT, detail), retryable=True)
    if isinstance(error, PrivateAddress):
        return FailedAttempt(Failure(FailureCode.NETWORK, f"not asked: {host} {error}"))
    refused = [cause for cause in causes(error) if isinstance(cause, ssl.SSLError)]
    if refused:
        return _from_tls(refused[0], host)
    failure = Failure(FailureCode.NETWORK, f"no answer from {host}: {why(error)}")
    return FailedAttempt(failure, retryable=True)


def redacted(failure: Failure, *keys: str) -> Failure:
    """The failure in a form for logs and notices: short, on one line, without the API keys."""
    return replace(
        failure,
        detail=_clean(failure.detail, keys),
        correlation_id=_clean(failure.correlation_id, keys),
    )


def _clean(text: str, keys: tuple[str, ...]) -> str:
    """Collapse to one line; unprintable characters become spaces, all scripts are kept.

    The text is cut before, since a message may be megabytes, and again after the keys are gone: a
    cut could leave half a key. Ids stay, although they look like keys (`redact_unknown`).
    """
    shown = redact_known(text[: 4 * _DETAIL_LENGTH], *keys)[:_DETAIL_LENGTH]
    return one_line(shown, lambda char: char if char.isprintable() else " ")


def _from_tls(error: ssl.SSLError, host: str) -> FailedAttempt:
    """A rejected certificate stays rejected; a broken handshake may succeed next time."""
    retryable = not isinstance(error, ssl.SSLCertVerificationError)
    failure = Failure(FailureCode.TLS, f"no secure connection to {host}: {tls_reason(error)}")
    return FailedAttempt(failure, retryable)


def _error_body(body: bytearray) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _message(body: dict[str, Any]) -> str:
    """The message in any of PolyAI's error bodies, or in those of the gateway before it."""
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
