"""The last hour in one short line of bars."""

from __future__ import annotations

from headroom.channels.text import plain
from headroom.domain.notices import Notice, Reading

BARS = "▁▂▃▄▅▆▇█"
"""The lowest is no calls and nothing else, the highest the limit or more."""

NO_READING = "·"
MOST = 24
"""Windows, the newest kept: what still fits on a phone."""


def sparkline(notice: Notice) -> str:
    """Draw the readings from 0 to the limit (to their highest without one), as in `▃▅·▆[▇]`.

    `·` is a window without a reading, brackets hold the windows that are still open. Empty when
    there is nothing to draw.
    """
    readings = notice.readings[-MOST:]
    if not _values(notice):
        return ""
    closed = "".join(_bar(r, _top(notice)) for r in readings if not r.open)
    still = "".join(_bar(r, _top(notice)) for r in readings if r.open)
    return f"{closed}[{still}]" if still else closed


def legend(notice: Notice) -> str:
    """Say what the sparkline's marks mean, those that it has."""
    line = sparkline(notice)
    parts = [f"last hour, 0 to {_top(notice)} calls"] if line else []
    parts += [f"{NO_READING} no reading"] if NO_READING in line else []
    parts += ["[ ] still counting"] if "[" in line else []
    return plain("; ".join(parts), 200)


def _values(notice: Notice) -> list[int]:
    return [r.value for r in notice.readings[-MOST:] if r.value is not None]


def _top(notice: Notice) -> int:
    return notice.limit if notice.limit and notice.limit > 0 else max(1, *_values(notice), 1)


def _bar(reading: Reading, top: int) -> str:
    if reading.value is None:
        return NO_READING
    if reading.value <= 0:
        return BARS[0]
    highest = len(BARS) - 1
    return BARS[min(highest, max(1, highest * reading.value // top))]
