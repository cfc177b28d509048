"""The calls of simulated phone lines: pure in (line, seed, time), so that any day can be repeated.

A line carries calls in parts (one variant, language and number each). A reading is the peak, over
the minutes of its window that have begun, of the calls of the parts that a query asks for: an open
window grows as calls arrive, and never changes once it has ended.
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
"""Of a weekday's calls."""


@dataclass(frozen=True, slots=True)
class Part:
    """Calls of one kind; `share` of the line's calls, all shares together are 1."""

    share: float = 1.0
    variant_id: str = ""
    variant_name: str = ""
    language: str = "en-GB"
    phone_number: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which parts a query is about; an empty field takes all."""

    variant_id: str = ""
    variant_name: str = ""
    language: str = ""
    phone_number: str = ""

    def takes(self, part: Part) -> bool:
        """Whether the part's calls count."""
        names = ("variant_id", "variant_name", "language", "phone_number")
        return all(getattr(self, name) in ("", getattr(part, name)) for name in names)


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Course:
    """From its first point to its last, the calls of some parts go this way instead of the usual.

    Straight lines between (instant, calls) points: a surge, a dead line and a slow ramp are all
    courses.
    """

    points: tuple[tuple[Instant, float], ...]
    of: Filter = EVERYTHING

    def covers(self, instant: Instant) -> bool:
        """Whether the course says how many calls there are at this instant."""
        return self.points[0][0] <= instant < self.points[-1][0]

    def at(self, instant: Instant) -> float:
        """Calls at an instant that it covers."""
        pairs = zip(self.points, self.points[1:], strict=False)
        (start, before), (end, after) = next(p for p in pairs if p[0][0] <= instant < p[1][0])
        return before + (after - before) * (instant - start) / (end - start)


@dataclass(frozen=True, slots=True)
class Line:
    """One phone line: `night` calls at the quietest, `peak` at the busiest hour of a weekday.

    `milliseconds`: whether its times are written with them; `omits_zeros`: whether a window without
    calls is left out. PolyAI states neither, so both are to be expected.
    """

    account_ids: tuple[str, ...]
    project_ids: tuple[str, ...]
    night: float
    peak: float
    parts: tuple[Part, ...] = (Part(),)
    courses: tuple[Course, ...] = ()
    noise: float = 0.4
    """Of the Poisson noise that independent callers would make."""
    milliseconds: bool = True
    omits_zeros: bool = False

    def usual(self, instant: Instant) -> float:
        """Calls without noise or incidents: a hump before lunch and a lower one after it."""
        hour = instant % DAY / HOUR
        hump = math.exp(-(((hour - 10.8) / 2.2) ** 2)) + 0.9 * math.exp(
            -(((hour - 15.6) / 2.4) ** 2)
        )
        weekend = (instant // DAY + 3) % 7 >= 5  # noqa: PLR2004 (1970 began on a Thursday; Saturday is 5)
        return (self.night + (self.peak - self.night) * hump) * (WEEKEND_SHARE if weekend else 1)


@dataclass
class Calls:
    """How many calls a line carries at any time, remembered once worked out."""

    line: Line
    seed: int = 0
    _minutes: dict[Instant, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _closed: dict[tuple[Instant, Filter], int] = field(default_factory=dict, repr=False)

    def peak(self, window: Instant, now: Instant, of: Filter = EVERYTHING) -> int | None:
        """The most calls at once in the window so far; None before it has begun."""
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
        # Seeded by name and minute, not drawn in turn: the same whatever was asked before.
        chance = random.Random(f"{self.seed}/{self.line.project_ids[0]}/{minute}")  # noqa: S311
        for part in self.line.parts:
            expected = self._expected(part, minute)
            spread = max(-2.0, min(2.0, chance.gauss(0, 1))) * self.line.noise
            yield max(0, round(expected + spread * math.sqrt(expected)))

    def _expected(self, part: Part, minute: Instant) -> float:
        for course in self.line.courses:
            if course.of.takes(part) and course.covers(minute):
                together = sum(p.share for p in self.line.parts if course.of.takes(p))
                return max(0.0, course.at(minute)) * part.share / together
        return self.line.usual(minute) * part.share
