"""`>= 100% within 30m` on simulated lines: false alarms, and surges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from random import Random

from bench.ordinary.cases import Case, by_calls, noticed
from bench.ordinary.lines import with_change
from bench.ordinary.replay import WARM_UP, incidents, surely_reaches
from headroom.domain.trend import LENGTH
from headroom.domain.windows import SETTLE, WINDOW

AHEAD = 6
"""Windows: `within 30m`."""
SHARES = (0.75, 0.85)
"""The highest reading of an ordinary week, as a share of the limit."""


def trends(cases: Sequence[Case], trials: int, show: Callable[[str], None]) -> None:
    """False alarms, and what share of surges is noticed before the limit is reached."""
    show("within: >= 100% within 30m, 1 of 1")
    for known, share in product((True, False), SHARES):
        alarms = [(case, _false_trends(case, share, known=known)) for case in cases]
        title = "usual known" if known else "usual not known"
        show(f"  ordinary weeks reach {share:.0%} of the limit, {title}")
        show(f"    false alarms a week    {by_calls(alarms)}")
        lead = [each for case in cases for each in _surges(case, share, trials, known=known)]
        show(f"    surges noticed before  {noticed(lead)} minutes before the limit")


def _false_trends(case: Case, share: float, *, known: bool) -> int:
    """Incidents of an ordinary line after which the limit was not reached within the time."""
    readings, limit = case.line.readings, case.limit(share)

    def passes(at: int, _: bool) -> bool:  # noqa: FBT001
        usual = case.usual[at - 1 : at + 1] if known else (None, None)
        recent = readings[at - LENGTH + 1 : at + 1]
        return surely_reaches(recent, usual, limit, AHEAD)

    found = incidents(passes, range(WARM_UP, len(readings)), 1)
    return sum(max(readings[each.start : each.start + AHEAD + 1]) < limit for each in found)


def _surges(case: Case, share: float, trials: int, *, known: bool) -> Iterator[float | None]:
    """Minutes between the notice and the limit, for each surge that reaches the limit."""
    chance = Random(f"surges {case.line.calls} {case.seed}")  # noqa: S311  # a simulation
    limit = case.limit(share)
    for start in case.starts(trials, busy=True):
        surge = partial(_surge, minutes=chance.uniform(15, 60), factor=chance.uniform(1.5, 2.6))
        new = with_change(case.line, start, 120, surge, case.seed)
        hit = next((at for at, peak in enumerate(new) if peak >= limit), None)
        if hit is not None:
            readings = [*case.line.readings[start - LENGTH : start], *new[:hit]]
            usual = case.usual[start - LENGTH : start + hit] if known else [None] * len(readings)
            yield _lead(readings, usual, limit)


def _surge(minute: int, *, minutes: float, factor: float) -> float:
    """By what the calls are multiplied: a straight line up, then level."""
    return 1 + (factor - 1) * min(1.0, minute / minutes)


def _lead(readings: Sequence[int], usual: Sequence[float | None], limit: int) -> float | None:
    """Minutes between the notice and the limit, which the window after these readings reaches.

    In the middle of that window, on average.
    """
    for end in range(LENGTH + 1, len(readings) + 1):
        if surely_reaches(readings[end - LENGTH : end], usual[end - 2 : end], limit, AHEAD):
            return max(0.0, (len(readings) - end + 0.5) * WINDOW / 60 - SETTLE / 60)
    return None
