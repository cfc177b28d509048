"""Windows: the 5-minute slots that PolyAI counts in, named by their UTC start.

Inside Headroom an instant is whole seconds since 1970 UTC (`Instant`), and a window is named by the
instant that it starts at. Text and datetimes stay at the edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

Instant = int

WINDOW = 300
"""Seconds; PolyAI's interval of concurrent calls."""

HOUR = 3600

WEEK = 7 * 24 * 3600
"""Seconds; the longest range of one request, and how far catching up reaches back."""

_ISO = "%Y-%m-%dT%H:%M:%SZ"


def window_of(instant: Instant) -> Instant:
    """The window that holds this instant."""
    return instant - instant % WINDOW


def last_closed(now: Instant, settle: int) -> Instant:
    """The newest window `t` with `t + 5 min + settle <= now` (settle in seconds)."""
    return window_of(now - settle) - WINDOW


def span(first: Instant, last: Instant) -> range:
    """All windows from the first to the last, both included."""
    return range(first, last + WINDOW, WINDOW)


def iso(instant: Instant) -> str:
    """As in `2026-11-22T10:05:00Z`."""
    return datetime.fromtimestamp(instant, UTC).strftime(_ISO)


def instant(text: str) -> Instant:
    """The inverse of `iso`. Raises ValueError."""
    return int(datetime.strptime(text, _ISO).replace(tzinfo=UTC).timestamp())


SETTLE = 60
"""Seconds after its end that a window counts as closed, unless configured."""

LATE = 900
"""Seconds after its end that a window without a reading is expected, unless configured."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant of a check, and the newest window that is closed then.

    For the rules of one query, `closed` is the newest window that is final in its answer: a window
    that is late is treated like one that is open (`lateness`).
    """

    now: Instant
    closed: Instant
    late: int = LATE
    """Seconds after its end that a window without a reading is expected."""
    settle: int = SETTLE
    """Seconds after its end that a window counts as closed."""

    @classmethod
    def at(cls, now: Instant, *, settle: int, late: int) -> Moment:
        """The moment of a check at this instant."""
        return cls(now, last_closed(now, settle), late, settle)

    @property
    def overdue(self) -> Instant:
        """The newest window that is not expected any longer, whether it has a reading or not."""
        return min(self.closed, last_closed(self.now, self.late))

    @property
    def hour(self) -> Instant:
        """The first window of the last hour."""
        return window_of(self.now - HOUR)
