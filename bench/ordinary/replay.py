"""What rules would have notified on simulated readings, by the product's own functions."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.ordinary.lines import MONDAY, WEEK_WINDOWS, Line
from headroom.domain.baseline import Baseline, leaving_out
from headroom.domain.hours import ALWAYS
from headroom.domain.readings import WHOLE
from headroom.domain.trend import LENGTH, forecast, is_above_usual
from headroom.domain.usual import WEEKS, is_unusual, usual_at
from headroom.domain.windows import SETTLE, WINDOW

WARM_UP = WEEKS * WEEK_WINDOWS
"""Windows before the first that is judged: usual looks back so far."""
Holds = Callable[[int, bool], bool]
"""Whether the reading of a window (by number) passes; `holding`: as while the alert fires."""


@dataclass(frozen=True)
class OfUsual:
    """A rule such as `<= 40% of usual`, `for: 3 of 3`."""

    percent: int
    needed: int = 3

    @property
    def upper(self) -> bool:
        """Above usual is an upper bound here, below it a lower one."""
        return self.percent > 100  # noqa: PLR2004

    def __str__(self) -> str:
        """As operators write it."""
        sign = ">=" if self.upper else "<="
        return f"{sign} {self.percent}% of usual, {self.needed} of {self.needed}"

    def passes(self, reading: int, usual: float | None, *, holding: bool) -> bool:
        """Whether one reading passes, as evaluation compares it."""
        if usual is None or not (holding or is_unusual(reading, usual, upper=self.upper)):
            return False
        threshold = usual * self.percent / 100
        return reading >= threshold if self.upper else reading <= threshold


@dataclass(frozen=True)
class Past:
    """A line's readings and what is usual on it, by the number of a window."""

    readings: Sequence[int]
    baseline: Baseline

    def usual(self, index: int) -> float | None:
        """The usual calls of a window."""
        found = usual_at(self.baseline, WHOLE, MONDAY + index * WINDOW, ALWAYS)
        return found.calls if found else None

    def judged_by(self, rule: OfUsual) -> Holds:
        """Whether a window of this line passes a rule."""

        def passes(window: int, holding: bool) -> bool:  # noqa: FBT001
            return rule.passes(self.readings[window], self.usual(window), holding=holding)

        return passes


def past(line: Line) -> Past:
    """With a baseline of all readings, which usual looks at no newer part of than it may."""
    readings = array("h", line.readings)
    last = MONDAY + (len(readings) - 1) * WINDOW
    return Past(line.readings, Baseline(first=MONDAY, until=last, peaks={WHOLE: readings}))


def incidents(passes: Holds, windows: range, needed: int) -> list[range]:
    """The incidents of a rule that needs `needed` windows of as many: from firing to the end."""
    found: list[range] = []
    began: int | None = None
    above = holding = 0
    for window in windows:
        above = above + 1 if passes(window, False) else 0
        holding = holding + 1 if passes(window, True) else 0
        if began is not None and holding < needed:
            found.append(range(began, window))
            began = None
        if began is None and above >= needed:
            began = window
    return found if began is None else [*found, range(began, windows.stop)]


def unusual(history: Past, rules: Sequence[OfUsual]) -> list[list[range]]:
    """The incidents of each rule, week by week: where one fired, later weeks leave it out."""
    found: list[list[range]] = [[] for _ in rules]
    for start in range(WARM_UP, len(history.readings), WEEK_WINDOWS):
        windows = range(start, min(start + WEEK_WINDOWS, len(history.readings)))
        for number, rule in enumerate(rules):
            found[number] += incidents(history.judged_by(rule), windows, rule.needed)
        fired = sorted((each.start, each.stop) for alarms in found for each in alarms)
        spans = tuple((MONDAY + begin * WINDOW, MONDAY + end * WINDOW) for begin, end in fired)
        history = Past(history.readings, leaving_out(history.baseline, {WHOLE: spans}))
    return found


def surely_reaches(
    readings: Sequence[int], usual: Sequence[float | None], limit: int, ahead: int
) -> bool:
    """Whether `>= 100% within` holds at the last window of these; `ahead` in windows.

    `usual` is that of the last two windows.
    """
    if not is_above_usual(readings[-2:], usual):
        return False
    trend = forecast(readings[-LENGTH:], ahead)
    return trend is not None and trend.reaches(limit)


def told_after(window: int, minute: int) -> float:
    """Minutes from a minute of window 0 until a closed window can be judged."""
    return (window + 1) * WINDOW / 60 + SETTLE / 60 - minute
