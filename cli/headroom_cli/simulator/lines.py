"""The calls of simulated phone lines: a pure function of line, seed and time.

A line's calls come in parts, each with one variant, language and number. A reading is the peak of
the queried parts' calls over the minutes of its window that have begun. So an open window grows,
and a closed window never changes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from headroom.domain.windows import WINDOW, Instant

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
WEEKEND_SHARE = 0.4
"""Share of a weekday's calls."""


@dataclass(frozen=True, slots=True)
class Part:
    """Calls of one kind. `share`: of the line's calls; all shares add up to 1."""

    share: float = 1.0
    variant_id: str = ""
    variant_name: str = ""
    language: str = "en-GB"
    phone_number: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """The parts that a query selects; an empty field selects all."""

    variant_id: str = ""
    variant_name: str = ""
    language: str = ""
    phone_number: str = ""

    def takes(self, part: Part) -> bool:
        """Whether the part is selected."""
        names = ("variant_id", "variant_name", "language", "phone_number")
        return all(getattr(self, name) in ("", getattr(part, name)) for name in names)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Course:
    """Replaces the usual calls of some parts, from its first point to its last.

    Straight lines between (instant, calls) points describe a surge, a dead line or a slow ramp.
    """

    points: tuple[tuple[Instant, float], ...]
    of: Filter = EVERYTHING

    def covers(self, instant: Instant) -> bool:
        """Whether the course covers this instant."""
        return self.points[0][0] <= instant < self.points[-1][0]

    def at(self, instant: Instant) -> float:
        """Return the calls at a covered instant."""
        pairs = zip(self.points, self.points[1:], strict=False)
        (start, before), (end, after) = next(p for p in pairs if p[0][0] <= instant < p[1][0])
        return before + (after - before) * (instant - start) / (end - start)


@dataclass(frozen=True, slots=True)
class Line:
    """One phone line: `night` calls at its quietest, `peak` in the busiest hour of a weekday.

    `milliseconds`: its times have them; `omits_zeros`: windows without calls are left out. PolyAI
    documents neither, so clients must expect both.
    """

    account_ids: tuple[str, ...]
    project_ids: tuple[str, ...]
    night: float
    peak: float
    parts: tuple[Part, ...] = (Part(),)
    courses: tuple[Course, ...] = ()
    noise: float = 0.4
    """Share of the Poisson noise of independent callers."""
    days: float = 0.0
    """By what share ordinary days differ (a standard deviation); courses stay as they are."""
    milliseconds: bool = True
    omits_zeros: bool = False

    def usual(self, instant: Instant) -> float:
        """Return the calls without noise or courses: a peak before lunch, a lower one after."""
        hour = instant % DAY / HOUR
        hump = math.exp(-(((hour - 10.8) / 2.2) ** 2)) + 0.9 * math.exp(
            -(((hour - 15.6) / 2.4) ** 2)
        )
        weekend = (instant // DAY + 3) % 7 >= 5  # noqa: PLR2004 (1970 began on a Thursday; Saturday is 5)
        return (self.night + (self.peak - self.night) * hump) * (WEEKEND_SHARE if weekend else 1)


@dataclass
class Calls:
    """A line's calls at any time, cached."""

    line: Line
    seed: int = 0
    _minutes: dict[Instant, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _closed: dict[tuple[Instant, Filter], int] = field(default_factory=dict, repr=False)
    _days: dict[int, float] = field(default_factory=dict, repr=False)

    def peak(self, window: Instant, now: Instant, of: Filter = EVERYTHING) -> int | None:
        """Return the peak of a window so far; None before it has begun."""
        if now < window:
            return None
        if now < window + WINDOW:
            return self._most(window, now, of)
        if (window, of) not in self._closed:
            self._closed[window, of] = self._most(window, now, of)
        return self._closed[window, of]

    def _most(self, window: Instant, now: Instant, of: Filter) -> int:
        taken = [of.takes(part) for part in self.line.parts]
        minutes = range(window, min(window + WINDOW, now + 1), MINUTE)
        return max(
            sum(calls for calls, wanted in zip(self._at(m), taken, strict=True) if wanted)
            for m in minutes
        )

    def _at(self, minute: Instant) -> tuple[int, ...]:
        if minute not in self._minutes:
            self._minutes[minute] = tuple(self._parts(minute))
        return self._minutes[minute]

    def _parts(self, minute: Instant) -> Iterator[int]:
        chance = self._chance(minute) if self.line.noise else None
        for part in self.line.parts:
            expected = self._expected(part, minute)
            spread = _spread(chance) * self.line.noise if chance else 0.0
            yield max(0, round(expected + spread * math.sqrt(expected)))

    def _chance(self, what: object) -> random.Random:
        # Seeded by name and time, so the result does not depend on earlier queries.
        return random.Random(f"{self.seed}/{self.line.project_ids[0]}/{what}")  # noqa: S311

    def _day(self, day: int) -> float:
        """What an ordinary day has of the usual calls, about 1."""
        if day not in self._days:
            chance = self._chance(f"day {day}")
            self._days[day] = math.exp(_spread(chance) * self.line.days)
        return self._days[day]

    def _expected(self, part: Part, minute: Instant) -> float:
        for course in self.line.courses:
            if course.of.takes(part) and course.covers(minute):
                together = sum(p.share for p in self.line.parts if course.of.takes(p))
                return max(0.0, course.at(minute)) * part.share / together
        return self.line.usual(minute) * self._day(minute // DAY) * part.share


def _spread(chance: random.Random) -> float:
    """Standard deviations from the mean, two at most: the outliers are the scenario's."""
    return max(-2.0, min(2.0, chance.gauss(0, 1)))
