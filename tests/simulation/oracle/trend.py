"""Where the last half hour leads (DESIGN 3: within DURATION)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import mean, median

READINGS = 6


def least_at(values: Sequence[int], ahead: int) -> float:
    """The trend's value so many windows after the last of six, less one standard error."""
    places = range(READINGS)
    slope = median((values[b] - values[a]) / (b - a) for a, b in combinations(places, 2))
    start = median(values[at] - slope * at for at in places)
    off = [values[at] - start - slope * at for at in places]
    variance = sum(each * each for each in off) / (READINGS - 2)
    there, middle = READINGS - 1 + ahead, mean(places)
    spread = sum((at - middle) ** 2 for at in places)
    error = math.sqrt(variance * (1 / READINGS + (there - middle) ** 2 / spread))
    return start + slope * there - error
