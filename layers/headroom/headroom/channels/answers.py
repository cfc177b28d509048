"""What an answer means: the notice is accepted, refused for good, or tried again (DESIGN 5.4).

Refused for good is only what the vendor itself documents as such, by status and words; each channel
knows its vendor's. A firewall's 403, a 408 or a redirect says nothing about the notice, and it
passes. A page that is sent twice is a nuisance, one that is never sent is a disaster: so whatever
is not understood is tried again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from headroom.channels.http import LONGEST_REASON, Reply, safe
from headroom.domain.formatting import shorten
from headroom.errors import DeliveryError

_BAD = frozenset({"error", "fail", "failed", "failure", "invalid", "invalid event", "rejected"})


def refused(reason: str, *, channel_at_fault: bool) -> DeliveryError:
    """Make the error for what the vendor documents as permanent, in its own words."""
    return DeliveryError(
        shorten(reason, LONGEST_REASON), retryable=False, channel_at_fault=channel_at_fault
    )


def unanswered(reply: Reply, reason: str) -> DeliveryError:
    """Make the error for every other answer that is not an acceptance: it is tried again.

    It may have arrived after a 2xx that says nothing, a 5xx and a 408 (the service ran out of time,
    with the notice perhaps in its hands). 429 and `Retry-After` are about the channel as a whole.
    """
    ambiguous = (
        reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or reply.status == HTTPStatus.REQUEST_TIMEOUT
        or (reply.succeeded and not denies(reply.body))
    )
    waits = reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.retry_after is not None
    return DeliveryError(
        shorten(reason, LONGEST_REASON),
        retryable=True,
        ambiguous=ambiguous,
        retry_after=reply.retry_after,
        channel_at_fault=waits,
    )


def describe(reply: Reply, said: str, *secrets: SecretStr) -> str:
    """Say the status and, cleaned, what the service says: `403 Forbidden: <html>...`.

    A success that is not accepted never reads like one: `200 without acceptance`. A redirect names
    the host that it points to.
    """
    if reply.redirects and reply.location:
        return f"{reply.title}: redirect to {safe(reply.location, *secrets)}, not followed"
    status = f"{reply.status} without acceptance" if reply.succeeded else reply.title
    said = safe(said, *secrets)
    return f"{status}: {said}" if said else status


def as_object(body: str) -> Mapping[str, Any]:
    """Read the JSON object that a body is; an empty one when it is anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def denies(body: str) -> bool:
    """Whether a body says that the notice was not taken, as in `{"ok": false}`."""
    told = as_object(body)
    status = told.get("status")
    return (
        told.get("ok") is False
        or told.get("success") is False
        or (isinstance(status, str) and status.strip().lower() in _BAD)
        or bool(told.get("error"))
        or bool(told.get("errors"))
    )
