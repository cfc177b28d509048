"""The URL of each request, and how a long time range is split.

Facts: the endpoint's OpenAPI description, https://docs.poly.ai/api-reference/introduction.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from headroom.domain.lines import Line
from headroom.domain.readings import Query
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, iso

VERSION = "v1"
"""The API's version, first in its paths: the one place to change when PolyAI moves it."""

DAY = 24 * HOUR
"""Seconds; the longest range of the first sliced request.

A week of a dozen variants is over the cap on answers, a day of eighty is not: starting with a week,
catching up would read and discard megabytes before the halves are small enough.
"""


class Ranges:
    """Gives the start and end of each request, in order; PolyAI takes at most a week at once.

    `until` on the start of a window asks for that window too: PolyAI rounds the end up.
    """

    def __init__(self, first: Instant, until: Instant, *, sliced: bool) -> None:
        self._start = self._stop = first
        self._end = max(until, first + 1)
        self._longest = DAY if sliced else WEEK

    def __iter__(self) -> Iterator[tuple[Instant, Instant]]:
        """Each start and end, until the whole range was asked for."""
        while self._stop < self._end:
            self._start, self._stop = self._stop, min(self._stop + self._longest, self._end)
            yield self._start, self._stop

    def halve(self) -> bool:
        """Repeat the last range as its first half; False when it is a single window.

        No later range is longer: what was too much once is not asked for again.
        """
        seconds = self._stop - self._start
        if seconds <= WINDOW:
            return False
        self._longest = math.ceil(seconds / (2 * WINDOW)) * WINDOW
        self._stop = self._start
        return True


def address(base: str, line: Line, query: Query, start: Instant, end: Instant) -> str:
    """The URL of one request; every part is percent-encoded (`+` as `%2B`, a space as `%20`)."""
    account, name = quote(line.account_id, safe=""), quote(line.project_id, safe="")
    times = {"start_time": _milliseconds(start), "end_time": _milliseconds(end)}
    asked = urlencode(times | query.parameters(), quote_via=quote, safe="")
    return f"{base}/{VERSION}/{account}/{name}/conversations/concurrency?{asked}"


def _milliseconds(instant: Instant) -> str:
    """The time as in PolyAI's own examples: `2026-11-22T10:05:00.000Z`."""
    return iso(instant).replace("Z", ".000Z")
