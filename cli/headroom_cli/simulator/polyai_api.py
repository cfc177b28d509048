"""The Concurrent Calls API's rules: valid requests, error shapes, and readings.

They follow PolyAI's published description of the endpoint
(https://docs.poly.ai/api-reference/conversations/concurrency).
"""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Any

from headroom.domain.windows import WEEK, WINDOW, Instant, iso, window_of
from headroom_cli.simulator.http_server import Reply
from headroom_cli.simulator.lines import Calls, Filter

ENVIRONMENTS = ("sandbox", "pre-release", "live")
NOT_IMPLEMENTED = ("language", "phone_number")


@dataclass(frozen=True, slots=True)
class ConcurrencyRequest:
    """A valid request: windows from `start` until before `end`, of one environment."""

    start: Instant
    end: Instant
    client_env: str
    of: Filter
    by_variant: bool

    @classmethod
    def read(cls, query: Mapping[str, str]) -> ConcurrencyRequest:
        """Parse the query's parameters. Raises ApiError 400 or 501."""
        start, end = _instant(query, "start_time"), _instant(query, "end_time")
        if start > end:
            raise ApiError(400, "start_time must be before end_time")
        if end - start > WEEK:
            raise ApiError(400, "start_time and end_time must be no more than 1 week apart")
        if query.get("variant_id") and query.get("variant_name"):
            raise ApiError(400, "specify either variant_id or variant_name, not both")
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
        raise ApiError(400, f"{name} is required")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(400, f"{name} is not an ISO8601 time: {text}") from None
    if moment.tzinfo is None:
        raise ApiError(400, f"{name} has no time zone: {text}")
    return moment.timestamp()


def _environment(query: Mapping[str, str]) -> str:
    environment = query.get("client_env", "live")
    if environment not in ENVIRONMENTS:
        raise ApiError(400, f"client_env must be one of {', '.join(ENVIRONMENTS)}")
    return environment


def _slice(query: Mapping[str, str]) -> str:
    slice_by = query.get("slice_by", "")
    if slice_by in NOT_IMPLEMENTED:
        raise ApiError(501, f"slicing by {slice_by} is not implemented")
    if slice_by not in ("", "variant"):
        raise ApiError(400, f"slice_by must be variant, language or phone_number: {slice_by}")
    return slice_by


class ApiError(Exception):
    """An error answer: status and message."""

    def __init__(self, status: int, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after
        """Seconds of the header `Retry-After`; None: no header."""

    def reply(self, trace: str) -> Reply:
        """Return the HTTP answer; `trace` is the correlation id."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Reply(self.status, json.dumps(self._body(trace)).encode(), headers=headers)

    def _body(self, trace: str) -> dict[str, Any]:
        """Return the body, in one of the three shapes that PolyAI's platform uses."""
        if self.status in (401, 403, 429):
            fields = {"code": self.status, "message": self.message}
            return {"error": {**fields, "id": trace, "correlation_id": trace}}
        if self.status >= 500:  # noqa: PLR2004 (server errors)
            fields = {"error_code": self.status, "error_message": self.message}
            return {
                "success": False,
                "error": "ServerError",
                "error_id": trace,
                **fields,
                "data": None,
            }
        return {"error_message": self.message}


Interval = dict[str, Any]


def intervals(calls: Calls, wanted: ConcurrencyRequest, now: Instant) -> list[Interval]:
    """Return `intervals`, ascending in time; a sliced answer only within each variant."""
    if wanted.client_env != "live":  # all simulated calls are live
        return []
    if not wanted.by_variant:
        return list(_series(calls, wanted, wanted.of, now))
    return [
        {"variant_id": variant_id, "variant_name": name, **interval}
        for variant_id, name in _variants(calls, wanted.of)
        for interval in _series(calls, wanted, replace(wanted.of, variant_id=variant_id), now)
    ]


def _variants(calls: Calls, of: Filter) -> ItemsView[str, str]:
    taken = (part for part in calls.line.parts if part.variant_id and of.takes(part))
    return {part.variant_id: part.variant_name for part in taken}.items()


def _series(
    calls: Calls, wanted: ConcurrencyRequest, of: Filter, now: Instant
) -> Iterator[Interval]:
    for window in range(wanted.start, wanted.end, WINDOW):
        peak = calls.peak(window, now, of)
        if peak is None:
            return
        if peak or not calls.line.omits_zeros:
            yield {"time": _time(calls, window), "max_concurrent_conversations": peak}


def _time(calls: Calls, window: Instant) -> str:
    text = iso(window)
    return text.replace("Z", ".000Z") if calls.line.milliseconds else text
