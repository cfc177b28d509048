"""What an answer means: the message was accepted, refused for good, or is tried again (DESIGN 5.4).

A message is refused for good only by an answer that the vendor documents as permanent, by status
and words; each channel knows its vendor's. A firewall's 403, a 408 or a redirect says nothing about
the message and passes. A page that is sent twice is a nuisance, one that is never sent is a
disaster, so Headroom tries again after any answer that it does not understand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from headroom.channels.http import LONGEST_DETAIL, Reply, safe
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.formatting import shorten

_BAD = frozenset({"error", "fail", "failed", "failure", "invalid", "invalid event", "rejected"})


def refused(detail: str, *, channel_at_fault: bool) -> DeliveryFailure:
    """An answer that the vendor documents as permanent, in its own words."""
    return DeliveryFailure(
        FailureReason.REFUSED,
        shorten(detail, LONGEST_DETAIL),
        retryable=False,
        channel_at_fault=channel_at_fault,
    )


def not_accepted(reply: Reply, detail: str) -> DeliveryFailure:
    """Any other answer that is not an acceptance: the message is tried again.

    It may have arrived with a 2xx that says nothing, a 5xx, or a 408 (the service ran out of time,
    perhaps after it read the message). 429 and `Retry-After` concern the channel as a whole.
    """
    ambiguous = (
        reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
        or (reply.succeeded and not denies(reply.body))
    )
    waits = reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.retry_after is not None
    return DeliveryFailure(
        reason_of(reply.status, waits=waits),
        shorten(detail, LONGEST_DETAIL),
        retryable=True,
        ambiguous=ambiguous,
        retry_after=reply.retry_after,
        channel_at_fault=waits,
    )


def reason_of(status: int, *, waits: bool) -> FailureReason:
    """Why a request failed that was answered with this status; `waits`: it asks for patience."""
    if waits:
        return FailureReason.RATE_LIMITED
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureReason.SERVER_ERROR
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return FailureReason.TIMEOUT
    if status >= HTTPStatus.BAD_REQUEST:
        return FailureReason.CLIENT_ERROR
    return FailureReason.UNEXPECTED_ANSWER


def describe(reply: Reply, said: str, *secrets: SecretStr) -> str:
    """The status and, without secrets, what the service says: `403 Forbidden: <html>...`.

    A success without acceptance does not read like one: `200 without acceptance`. A redirect names
    the host that it points to.
    """
    if reply.redirects and reply.location:
        return f"{reply.title}: redirect to {safe(reply.location, *secrets)}, not followed"
    status = f"{reply.status} without acceptance" if reply.succeeded else reply.title
    said = safe(said, *secrets)
    return f"{status}: {said}" if said else status


def as_object(body: str) -> Mapping[str, Any]:
    """The JSON object in a body; an empty one when the body is anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def denies(body: str) -> bool:
    """Whether a body says that the message was not accepted, as in `{"ok": false}`."""
    answer = as_object(body)
    status = answer.get("status")
    return (
        answer.get("ok") is False
        or answer.get("success") is False
        or (isinstance(status, str) and status.strip().lower() in _BAD)
        or bool(answer.get("error"))
        or bool(answer.get("errors"))
    )
