"""What is usual at a window, worked out from the raw weeks before it (DESIGN 3: of usual)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from tests.simulation.facts import Facts, RuleFacts, Series, Window

WINDOW = 300
WEEKS, SIDES, NEEDED = 4, 2, 2
HIGH, LOW, ABOVE = 3.0, 2.5, 2.5
"""Standard deviations of a count: how far from usual is unusual, and above it is a trend's."""
BUSY_DAYS = 0.12
"""By what share ordinary days differ: it widens the band upwards (docs/rules.md)."""
NOT_KNOWN = "usual is not known at this time"
"""Why an incident ends at a window with nothing to compare it with."""


@dataclass(frozen=True)
class Usual:
    """What is usual of one series, as one rule counts it."""

    rule: RuleFacts
    readings: Mapping[Window, int]
    left_out: Sequence[tuple[Window, Window]] = ()
    """From and until: an alert of usual fired then."""
    _found: dict[Window, float | None] = field(default_factory=dict, repr=False)

    def at(self, window: Window) -> float | None:
        """The median of the weeks that count; None: fewer than two do."""
        if window not in self._found:
            weeks = [each for each in self._weeks(window) if each]
            enough = len(weeks) >= NEEDED
            every = [calls for each in weeks for calls in each]
            self._found[window] = float(median(every)) if enough else None
        return self._found[window]

    def _weeks(self, window: Window) -> Iterator[list[int]]:
        """The readings of each week that count."""
        zone = ZoneInfo(self.rule.zone)
        local = datetime.fromtimestamp(window, zone).replace(tzinfo=None)
        for back in range(1, WEEKS + 1):
            then = (local - timedelta(weeks=back)).replace(tzinfo=zone)
            same = int(then.timestamp())
            there = datetime.fromtimestamp(same, zone).replace(tzinfo=None, fold=0)
            if there == then.replace(tzinfo=None) and not self._holiday(then):
                yield [*self._around(same)]

    def _holiday(self, local: datetime) -> bool:
        return local.date().isoformat() in self.rule.holidays

    def _around(self, same: Window) -> Iterator[int]:
        for each in range(same - SIDES * WINDOW, same + (SIDES + 1) * WINDOW, WINDOW):
            if each in self.readings and each >= self._first_call and not self._fired(each):
                yield self.readings[each]

    def _fired(self, window: Window) -> bool:
        return any(since <= window < until for since, until in self.left_out)

    @cached_property
    def _first_call(self) -> float:
        """Before it the line did not exist: what it says there is no usual."""
        calls = (at for at, peak in self.readings.items() if peak and not self._fired(at))
        return min(calls, default=math.inf)


def usual_of(facts: Facts, rule: RuleFacts, series: Series) -> Usual | None:
    """What is usual of a series for a rule; None where nobody has read its weeks."""
    readings = facts.weeks.get(series)
    if readings is None or not rule.waits_for_usual:
        return None
    return Usual(rule, readings, facts.fired_before.get(series, ()))


def known_later(facts: Facts, project: str) -> bool:
    """Whether the weeks of one of its queries were read only after its first check."""
    return any(one == project and at > facts.began for (one, _), at in facts.weeks_from.items())


def deviations(usual: float, count: float, *, days: float = 0.0) -> float:
    """So many standard deviations of a count; one call at the least.

    `days`: by what share ordinary days differ on top, as they do upwards.
    """
    return count * math.sqrt(max(usual, 1.0) + usual * days * (usual * days))
