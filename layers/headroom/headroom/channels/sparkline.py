"""The last hour as a line of bars, and under it which windows were past the threshold."""

from __future__ import annotations

import re
from collections.abc import Callable

from headroom.channels.text import plain
from headroom.domain.notices import Notice, Reading

BARS = "▁▂▃▄▅▆▇█"
"""The lowest is no calls and nothing else, the highest the limit or more."""

PAST, NOT_PAST = BARS[-1], BARS[0]
"""Of the second line: bars too, so that both lines are equally wide in every font."""

NO_READING = "·"
MOST = 24
"""Windows, the newest kept: what still fits on a phone."""

_OPERATOR = re.compile(r"\s*([<>]=?)")


def sparkline(notice: Notice) -> str:
    """Draw the readings from 0 to the limit (to their highest without one), as in `▃▅·▆[▇]`.

    `·` is a window without a reading, brackets hold the windows that are still open. Empty when
    there is nothing to draw.
    """
    top = _top(notice)
    return _drawn(notice, lambda _, value: bar(value, top))


def bar(value: int, top: int, bars: str = BARS) -> str:
    """The mark of one value: the first for no calls and nothing else, the last for `top`."""
    highest = len(bars) - 1
    return bars[0] if value <= 0 else bars[min(highest, max(1, highest * value // top))]


def threshold_line(notice: Notice) -> str:
    """Draw which of the same windows were past the threshold, as in `▁▁·█[█]`.

    Empty when the notice has no threshold to compare with.
    """
    operator = _OPERATOR.match(notice.condition)
    if notice.threshold is None or not operator:
        return ""
    past = _past(operator[1], notice.threshold)
    return _drawn(notice, lambda reading, value: PAST if past(reading, value) else NOT_PAST)


def chart(notice: Notice) -> str:
    """Both lines with their scale, for text of a fixed width; empty when nothing is known."""
    bars, past = sparkline(notice), threshold_line(notice)
    operator = _OPERATOR.match(notice.condition)
    lines = [f"{bars}  0 to {_top(notice)} calls"] if bars else []
    lines += [f"{past}  {operator[1]} {notice.threshold:g} calls"] if past and operator else []
    return "\n".join(lines)


def legend(notice: Notice) -> str:
    """Say what the chart shows, and what its marks mean, those that it has."""
    line = sparkline(notice)
    parts = ["Last hour, 5 minutes a bar, the newest on the right"] if line else []
    parts += [f"{NO_READING} no reading"] if NO_READING in line else []
    parts += ["[ ] still counting"] if "[" in line else []
    return plain("; ".join(parts), 200)


def _drawn(notice: Notice, draw: Callable[[Reading, int], str]) -> str:
    """One mark for each window, those that are still open in brackets."""
    readings = notice.readings[-MOST:]
    if not _values(notice):
        return ""
    marks = [NO_READING if r.value is None else draw(r, r.value) for r in readings]
    pairs = list(zip(marks, readings, strict=True))
    closed = "".join(mark for mark, reading in pairs if not reading.open)
    still = "".join(mark for mark, reading in pairs if reading.open)
    return f"{closed}[{still}]" if still else closed


def _past(operator: str, threshold: float) -> Callable[[Reading, int], bool]:
    """A window that is open counts for an upper bound only: its calls can but rise."""
    match operator:
        case ">=":
            return lambda _, value: value >= threshold
        case ">":
            return lambda _, value: value > threshold
        case "<=":
            return lambda reading, value: not reading.open and value <= threshold
    return lambda reading, value: not reading.open and value < threshold


def _values(notice: Notice) -> list[int]:
    return [r.value for r in notice.readings[-MOST:] if r.value is not None]


def _top(notice: Notice) -> int:
    return notice.limit if notice.limit and notice.limit > 0 else max(1, *_values(notice), 1)
