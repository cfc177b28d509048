"""The lines that `bench/false_alarms.py` measures on, and how it prints shares and rates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random
from statistics import median

from bench.ordinary.lines import DAY_WINDOWS, WEEK_WINDOWS, Line, line
from bench.ordinary.replay import WARM_UP, Past, past

HOUR_WINDOWS = 12
OFFICE = range(8, 17)
"""Hours, Monday to Friday."""


@dataclass(frozen=True)
class Scale:
    """How much is simulated."""

    calls: Sequence[int]
    weeks: int
    seeds: int
    spread: float
    trials: int
    """Outages, surges and changes for each line."""


@dataclass(frozen=True)
class Case:
    """One simulated line with what was usual on it."""

    line: Line
    seed: int

    @cached_property
    def past(self) -> Past:
        """Its readings and its baseline."""
        return past(self.line)

    @property
    def weeks(self) -> float:
        """How many weeks are judged."""
        return (len(self.line.readings) - WARM_UP) / WEEK_WINDOWS

    def limit(self, share: float) -> int:
        """The limit of which an ordinary week's highest reading is this share."""
        weeks = range(0, len(self.line.readings), WEEK_WINDOWS)
        tops = [max(self.line.readings[start : start + WEEK_WINDOWS]) for start in weeks]
        return round(median(tops) / share)

    def starts(self, count: int, *, busy: bool) -> Iterator[int]:
        """Windows at random; `busy`: from 8 to 17 on weekdays."""
        chance = Random(f"{self.line.calls} {self.seed}")  # noqa: S311  # a simulation
        while count:
            start = chance.randrange(WARM_UP, len(self.line.readings) - WEEK_WINDOWS)
            day, slot = divmod(start, DAY_WINDOWS)
            if not busy or (day % 7 < 5 and slot // HOUR_WINDOWS in OFFICE):  # noqa: PLR2004
                count -= 1
                yield start


def by_calls(counts: Sequence[tuple[Case, int]]) -> str:
    """Rates a week for each size of line."""
    texts = []
    for calls in sorted({case.line.calls for case, _ in counts}):
        same = [(case.weeks, count) for case, count in counts if case.line.calls == calls]
        rate = sum(count for _, count in same) / sum(weeks for weeks, _ in same)
        texts.append(f"{calls:g}: {rate:.2f}")
    return "  ".join(texts)


def noticed(after: Sequence[float | None]) -> str:
    """The share of those that have a time, and their times."""
    times = sorted(each for each in after if each is not None)
    if not times:
        return f"0% of {len(after)}"
    late = times[int(0.95 * len(times))]
    return (
        f"{len(times) / len(after):.0%} of {len(after)}, {times[len(times) // 2]:.0f}, {late:.0f}"
    )


def simulate(scale: Scale) -> Iterable[Case]:
    """The lines."""
    for seed, calls in product(range(1, scale.seeds + 1), scale.calls):
        yield Case(line(calls, scale.weeks, seed, scale.spread), seed)
