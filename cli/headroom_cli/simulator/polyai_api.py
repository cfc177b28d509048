"""What a request to the Concurrent Calls API asks for, or why it is refused.

The rules are those of PolyAI's published description of the endpoint
(https://docs.poly.ai/api-reference/conversations/concurrency).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from headroom.domain.windows import WEEK, WINDOW, Instant, window_of
from headroom_cli.simulator.lines import Filter
from headroom_cli.simulator.refusal import Refusal

ENVIRONMENTS = ("sandbox", "pre-release", "live")
NOT_IMPLEMENTED = ("language", "phone_number")


@dataclass(frozen=True, slots=True)
class Asked:
    """A good request: windows from `start` until before `end`, of one environment."""

    start: Instant
    end: Instant
    client_env: str
    of: Filter
    by_variant: bool

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        """From the query's parameters. Raises Refusal 400 or 501."""
        start, end = _instant(query, "start_time"), _instant(query, "end_time")
        if start > end:
            raise Refusal(400, "start_time must be before end_time")
        if end - start > WEEK:
            raise Refusal(400, "start_time and end_time must be no more than 1 week apart")
        if query.get("variant_id") and query.get("variant_name"):
            raise Refusal(400, "specify either variant_id or variant_name, not both")
        return cls(
            start=window_of(int(start)),
            end=ceil(end / WINDOW) * WINDOW,
            client_env=_environment(query),
            of=Filter(**{name: query.get(name, "") for name in Filter.__slots__}),
            by_variant=_slice(query) == "variant",
        )


def _instant(query: Mapping[str, str], name: str) -> float:
    text = query.get(name, "")
    if not text:
        raise Refusal(400, f"{name} is required")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name} is not an ISO8601 time: {text}") from None
    if moment.tzinfo is None:
        raise Refusal(400, f"{name} has no time zone: {text}")
    return moment.timestamp()


def _environment(query: Mapping[str, str]) -> str:
    environment = query.get("client_env", "live")
    if environment not in ENVIRONMENTS:
        raise Refusal(400, f"client_env must be one of {', '.join(ENVIRONMENTS)}")
    return environment


def _slice(query: Mapping[str, str]) -> str:
    slice_by = query.get("slice_by", "")
    if slice_by in NOT_IMPLEMENTED:
        raise Refusal(501, f"slicing by {slice_by} is not implemented")
    if slice_by not in ("", "variant"):
        raise Refusal(400, f"slice_by must be variant, language or phone_number: {slice_by}")
    return slice_by
