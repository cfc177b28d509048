"""Readings of a notice as stored: runs of neighbouring windows, a fraction of a list's size.

`[0, 1763805600, 12, 13, null]` is three closed windows in a row from that start, the last without
a value; a leading 1 marks open windows. Any sequence of readings can be said so, and comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headroom.domain.windows import WINDOW

Run = list[int | None]
Plain = dict[str, Any]
"""One reading as pydantic writes it: `time`, `value` and, unless it is false, `open`."""


def pack(readings: Iterable[Plain]) -> list[Run]:
    """The readings as runs."""
    runs: list[Run] = []
    follows: tuple[int, int] | None = None
    for reading in readings:
        here = (int(reading.get("open", False)), reading["time"])
        if here != follows:
            runs.append([*here])
        runs[-1].append(reading["value"])
        follows = (here[0], here[1] + WINDOW)
    return runs


def unpack(runs: Iterable[list[Any]]) -> list[Plain]:
    """The readings again. Raises TypeError or ValueError when these are no runs."""
    return [
        {"time": first + number * WINDOW, "value": value, "open": bool(is_open)}
        for is_open, first, *values in runs
        for number, value in enumerate(values)
    ]
