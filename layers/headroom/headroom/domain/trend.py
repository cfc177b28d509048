"""The trend of the last half hour, and when it reaches a threshold (`within 30m`).

Slope and level are those of Theil and Sen (P. K. Sen, Estimates of the regression coefficient based
on Kendall's tau, J. Amer. Statist. Assoc. 63, 1968): medians, so one odd peak does not turn them.
The standard error is that of the mean response of a straight line (Draper and Smith, Applied
Regression Analysis), with the scatter about this line and not about that of least squares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from headroom.domain.windows import WINDOW

LENGTH = 6
"""Closed windows that a trend is worked out from."""
DEVIATIONS = 2.5
"""How far above usual the last two readings must lie, in standard deviations of a count."""

_MINUTES = WINDOW // 60


@dataclass(frozen=True, slots=True)
class Forecast:
    """Where a trend leads. Time is counted in windows after the last reading."""

    level: float
    """The trend's value at the last reading, in calls."""
    slope: float
    """Calls a window."""
    scatter: float
    """Standard deviation of the readings about the trend, in calls."""
    ahead: int
    """How many windows ahead is asked for."""

    def value(self, ahead: float) -> float:
        """The trend's value so many windows after the last reading."""
        return self.level + self.slope * ahead

    def error(self, ahead: float) -> float:
        """The standard error of that value."""
        middle = (LENGTH - 1) / 2
        spread = LENGTH * (LENGTH**2 - 1) / 12
        return self.scatter * math.sqrt(1 / LENGTH + (middle + ahead) ** 2 / spread)

    def reaches(self, threshold: float) -> bool:
        """Whether the value at the end, less one standard error, is at the threshold.

        A line that has filled up and stays full still reaches it, though it rises no more.
        """
        return self.value(self.ahead) - self.error(self.ahead) >= threshold

    def band(self, threshold: float) -> tuple[int, int]:
        """The minutes until the threshold is reached, earliest and latest, of a trend that does.

        Between the value plus and the value less one standard error; whole windows, the earliest
        rounded down, the latest up. `limit in 10 to 30 min` names it.
        """
        steps = range(self.ahead + 1)
        early = next((n for n in steps if self.value(n) + self.error(n) >= threshold), self.ahead)
        late = next((n for n in steps if self.value(n) - self.error(n) >= threshold), self.ahead)
        return early * _MINUTES, late * _MINUTES


def forecast(values: Sequence[int], ahead: int) -> Forecast | None:
    """The trend of the last six closed windows, oldest first; None if there are not six.

    `ahead`: windows. A window without a reading counts as the rule's `missing` says; where it says
    nothing, there are fewer than six values, and no trend.
    """
    if len(values) < LENGTH:
        return None
    ys = values[-LENGTH:]
    slope = median((ys[j] - ys[i]) / (j - i) for i, j in combinations(range(LENGTH), 2))
    start = median(y - slope * x for x, y in enumerate(ys))
    squares = sum((y - start - slope * x) ** 2 for x, y in enumerate(ys))
    return Forecast(
        level=start + slope * (LENGTH - 1),
        slope=slope,
        scatter=math.sqrt(squares / (LENGTH - 2)),
        ahead=ahead,
    )


def is_above_usual(values: Sequence[int], usual: Sequence[float | None]) -> bool:
    """Whether the last two readings lie clearly above usual, where it is known.

    `values` and `usual` are those of the same windows, oldest first. Where usual is not known at a
    window, that window does not object.
    """
    return all(
        known is None or value - known >= DEVIATIONS * math.sqrt(max(known, 1.0))
        for value, known in list(zip(values, usual, strict=True))[-2:]
    )
