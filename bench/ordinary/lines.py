"""Ordinary lines, simulated call by call: what `bench/false_alarms.py` measures on.

Calls arrive independently (Poisson) and last three minutes on average (exponential), so a line is a
birth-death process, which is followed event by event; a reading is the highest number of calls in
five minutes. The rate follows the time of day, is lower at weekends, and differs from day to day by
a lognormal factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from headroom.domain.windows import WEEK, WINDOW, Instant

MONDAY: Instant = 1_795_392_000
"""2026-11-23T00:00:00Z."""
DAY = 86_400
DAY_WINDOWS = DAY // WINDOW
WEEK_WINDOWS = WEEK // WINDOW
CALL = 180.0
"""Mean duration of a call, in seconds."""
DAY_TO_DAY = 0.1
"""Standard deviation of the logarithm of a day's factor."""

HOURS = (
    (0, 0.05), (5, 0.04), (6, 0.10), (7, 0.25), (8, 0.60), (9, 0.90), (10, 1.00), (11, 0.98),
    (12, 0.85), (13, 0.80), (14, 0.90), (15, 0.92), (16, 0.85), (17, 0.65), (18, 0.45),
    (19, 0.35), (20, 0.25), (21, 0.17), (22, 0.10), (23, 0.07), (24, 0.05),
)  # fmt: skip
"""Share of the busy hour's calls at each hour of a weekday; straight lines between them."""
WEEKDAYS = (1.0, 0.95, 0.93, 0.95, 0.9, 0.45, 0.35)
"""Share of Monday's calls, Monday to Sunday."""


def share(window: Instant) -> float:
    """The share of the busy hour's calls that is expected at a window, before the day's factor."""
    day, second = divmod(window - MONDAY, DAY)
    hour = second / 3600
    for (start, low), (end, high) in pairwise(HOURS):
        if hour < end:
            return WEEKDAYS[day % 7] * (low + (high - low) * (hour - start) / (end - start))
    raise AssertionError


@dataclass(frozen=True)
class Line:
    """One simulated line."""

    calls: float
    """Calls at the busy hour: the mean of concurrent calls on an ordinary Monday."""
    readings: Sequence[int]
    """One a window from `MONDAY` on."""
    days: Sequence[float]
    """Each day's factor."""

    def expected(self, index: int) -> float:
        """The mean of concurrent calls in a window."""
        window = MONDAY + index * WINDOW
        return self.calls * self.days[index // DAY_WINDOWS] * share(window)


def line(calls: float, weeks: int, seed: int, spread: float = DAY_TO_DAY) -> Line:
    """So many weeks of an ordinary line; the same for the same seed."""
    chance = Random(f"{calls} {seed}")  # noqa: S311  # a simulation
    days = [math.exp(chance.gauss(0, spread)) for _ in range(7 * weeks)]
    made = Line(calls, (), days)
    loads = [made.expected(index) for index in range(weeks * WEEK_WINDOWS)]
    return Line(calls, peaks(loads, chance), days)


def with_change(
    ordinary: Line, start: int, minutes: int, factor: Callable[[int], float], seed: int
) -> list[int]:
    """Readings from the window `start` on, when the rate of calls is multiplied for some minutes.

    `factor`: by the minute since the start of that window. The calls before go on.
    """
    before = 3  # windows in which the number of calls settles
    chance = Random(f"{ordinary.calls} {start} {seed}")  # noqa: S311  # a simulation
    loads = [
        ordinary.expected(start + minute // 5) * (factor(minute) if minute >= 0 else 1.0)
        for minute in range(-5 * before, minutes)
    ]
    by_minute = peaks(loads, chance, 60.0)
    return [max(by_minute[at : at + 5]) for at in range(5 * before, len(by_minute), 5)]


def peaks(loads: Sequence[float], chance: Random, seconds: float = WINDOW) -> list[int]:
    """The highest number of concurrent calls in each stretch of so many seconds.

    `loads`: the mean number of concurrent calls in each stretch.
    """
    random, log = chance.random, math.log
    calls = round(loads[0])
    found = []
    for load in loads:
        left, peak = seconds / CALL, calls  # in mean durations: each call ends at the rate 1
        while True:
            rate = load + calls
            left += log(1.0 - random()) / rate if rate else -math.inf
            if left < 0:
                break
            if random() * rate < load:
                calls += 1
                peak = max(peak, calls)
            else:
                calls -= 1
        found.append(peak)
    return found
