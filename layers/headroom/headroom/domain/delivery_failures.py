"""Why a channel did not accept a message, as a value from the adapter to the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureReason(StrEnum):
    """The sort of failure: the dimension `reason` of the metric `NoticesFailed`."""

    REFUSED = "refused"
    """The vendor documents the answer as permanent."""
    RATE_LIMITED = "rate_limited"
    """429, or an answer with `Retry-After`."""
    SERVER_ERROR = "server_error"
    """5xx."""
    CLIENT_ERROR = "client_error"
    """4xx that the vendor does not document as permanent, such as a firewall's 403."""
    UNEXPECTED_ANSWER = "unexpected_answer"
    """A redirect, a success without acceptance, or an answer that is not the vendor's."""
    TIMEOUT = "timeout"
    """No answer in time, or 408."""
    NETWORK = "network"
    """No connection, or one that broke; the name or certificate may be wrong."""
    NOT_CONFIGURED = "not_configured"
    """The channel does not exist, or its configuration cannot be used."""
    BUG = "bug"
    """A bug in Headroom."""


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """One send that was not accepted."""

    reason: FailureReason
    detail: str
    """What was answered, or went wrong. Short and safe to log: it never holds a secret."""
    retryable: bool
    """A later try may succeed."""
    ambiguous: bool = False
    """The message may have arrived: time-out after the connection opened, 5xx."""
    retry_after: float | None = None
    """Seconds that the channel asked for."""
    channel_at_fault: bool = False
    """Any other message would have failed too (no connection, `Retry-After`, a revoked key), so
    the rest is not tried in this check."""
