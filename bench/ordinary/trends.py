"""`>= 100% within 30m` on simulated lines: false alarms, and surges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from random import Random

from bench.ordinary.cases import Case, by_calls, noticed
from bench.ordinary.lines import with_change
from bench.ordinary.replay import WARM_UP, incidents, rule, told_after
from headroom.domain.windows import WINDOW

CONDITION = ">= 100% within 30m"
AHEAD = 6
"""Windows: half an hour."""
SHARES = (0.75, 0.85)
"""The highest reading of an ordinary week, as a share of the limit."""


def trends(cases: Sequence[Case], trials: int, show: Callable[[str], None]) -> None:
    """False alarms, and what share of surges is noticed before the limit is reached."""
    show(f"within: {CONDITION}, 1 of 1")
    for known, share in product((True, False), SHARES):
        alarms = [(case, _false_alarms(case, share, known=known)) for case in cases]
        title = "usual known" if known else "usual not known"
        show(f"  ordinary weeks reach {share:.0%} of the limit, {title}")
        show(f"    false alarms a week    {by_calls(alarms)}")
        lead = [each for case in cases for each in _surges(case, share, trials, known=known)]
        show(f"    surges noticed before  {noticed(lead)} minutes before the limit")


def _false_alarms(case: Case, share: float, *, known: bool) -> int:
    """Incidents of an ordinary line after which the limit was not reached within the time."""
    readings, limit = case.line.readings, case.limit(share)
    judged = case.past.judged_by(rule(CONDITION, 1, limit), known=known)
    (found,) = incidents([judged], range(WARM_UP, len(readings)))
    return sum(max(readings[each.start : each.start + AHEAD + 1]) < limit for each in found)


def _surges(case: Case, share: float, trials: int, *, known: bool) -> Iterator[float | None]:
    """Minutes between the notice and the limit, for each surge that reaches the limit."""
    chance = Random(f"surges {case.line.calls} {case.seed}")  # noqa: S311  # a simulation
    limit = case.limit(share)
    for start in case.starts(trials, busy=True):
        surge = partial(_surge, minutes=chance.uniform(15, 60), factor=chance.uniform(1.5, 2.6))
        readings = with_change(case.line, start, 120, surge, case.seed)
        hit = next((index for index, peak in enumerate(readings) if peak >= limit), None)
        if hit is not None:
            news = case.past.with_news(start, readings[:hit])
            judged = news.judged_by(rule(CONDITION, 1, limit), known=known)
            (found,) = incidents([judged], range(start, start + hit))
            # The limit is reached in the middle of its window, on average.
            half = WINDOW / 120
            yield hit * 5 + half - told_after(found[0].start - start, 0) if found else None


def _surge(minute: int, *, minutes: float, factor: float) -> float:
    """By what the calls are multiplied: a straight line up, then level."""
    return 1 + (factor - 1) * min(1.0, minute / minutes)
