"""Lasting new levels on simulated lines: found falsely, and how long after a true change."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

from bench.ordinary.cases import Case, noticed
from bench.ordinary.lines import DAY_WINDOWS, MONDAY, with_change
from headroom.domain.baseline import KEPT, Baseline, NewLevel
from headroom.domain.hours import ALWAYS
from headroom.domain.new_level import new_level
from headroom.domain.readings import WHOLE
from headroom.domain.windows import WINDOW


def new_levels(cases: Sequence[Case], trials: int, show: Callable[[str], None]) -> None:
    """How often a new level is found falsely, and how long after a true change."""
    show("new levels, looked for once a day")
    days = [(case, day) for case in cases for day in range(31, int(case.weeks + 4) * 7)]
    false = sum(_level(case.line.readings, day) is not None for case, day in days)
    show(f"  found falsely: {false} in {len(days)} days of ordinary lines")
    for factor, last in ((0.6, 8), (1.6, 8), (0.0, 3), (0.1, 3), (0.2, 3), (0.3, 3)):
        found = [each for case in cases for each in _changes(case, factor, last, trials)]
        show(f"  x {factor} for {last} days: found {noticed(found)} days later")


def _changes(case: Case, factor: float, last: int, trials: int) -> Iterator[float | None]:
    """Days from a change until its new level is found, if ever."""
    for start in case.starts(trials, busy=False):
        count = min(last * DAY_WINDOWS, len(case.line.readings) - start)
        new = with_change(case.line, start, 5 * count, lambda _: factor, case.seed)
        readings = [*case.line.readings[:start], *new, *case.line.readings[start + count :]]
        first = start // DAY_WINDOWS + 1
        making = range(first, min(first + last + 3, len(readings) // DAY_WINDOWS))
        found = next((day for day in making if _level(readings, day)), None)
        yield None if found is None else found - start / DAY_WINDOWS


def _level(readings: Sequence[int], day: int) -> NewLevel | None:
    """What the making of a baseline finds at the beginning of a day."""
    end = day * DAY_WINDOWS
    first = max(0, end - KEPT)
    baseline = Baseline(
        first=MONDAY + first * WINDOW,
        until=MONDAY + (end - 1) * WINDOW,
        peaks={WHOLE: array("h", readings[first:end])},
    )
    return new_level(baseline, WHOLE, ALWAYS)
