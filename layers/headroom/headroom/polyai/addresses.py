"""What is asked: the address of each request, and how a long time range is split.

Facts: the endpoint's OpenAPI description, https://docs.poly.ai/api-reference/introduction.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, urlencode

from headroom.domain.readings import Query
from headroom.domain.rules import Project
from headroom.domain.windows import WEEK, Instant, iso

VERSION = "v1"
"""Of the API, as its paths begin: the one place to change when PolyAI moves it."""

DAY = 24 * 3600
"""Seconds; the longest range of a sliced request, so that many variants stay far below the cap."""


def ranges(first: Instant, until: Instant, *, sliced: bool) -> Iterator[tuple[Instant, Instant]]:
    """The start and end of each request, in order; PolyAI takes at most a week at once.

    `until` on the start of a window asks for that window too: PolyAI rounds the end up.
    """
    longest = DAY if sliced else WEEK
    end = max(until, first + 1)
    for start in range(first, end, longest):
        yield start, min(start + longest, end)


def address(base: str, project: Project, query: Query, start: Instant, end: Instant) -> str:
    """The URL of one request; every part is percent-encoded (`+` as `%2B`, a space as `%20`)."""
    account, name = quote(project.account_id, safe=""), quote(project.project_id, safe="")
    times = {"start_time": _milliseconds(start), "end_time": _milliseconds(end)}
    asked = urlencode(times | query.parameters(), quote_via=quote, safe="")
    return f"{base}/{VERSION}/{account}/{name}/conversations/concurrency?{asked}"


def _milliseconds(instant: Instant) -> str:
    """As PolyAI's own examples write times: `2026-11-22T10:05:00.000Z`."""
    return iso(instant).replace("Z", ".000Z")
