"""False alarms, and what is noticed, of `of usual`, `within` and new levels on simulated lines.

    python -m bench.false_alarms [--quick] [--weeks 24] [--seeds 3] [--spread 0.1]

A few minutes on one core. Everything that it prints is a rate or a share, the same on every
machine. `ordinary_lines.py` says what an ordinary line is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from itertools import pairwise, product

from bench.ordinary.cases import Case, Scale, by_calls, noticed, simulate
from bench.ordinary.levels import new_levels
from bench.ordinary.lines import DAY_TO_DAY, with_change
from bench.ordinary.replay import OfUsual, incidents, told_after, unusual
from bench.ordinary.trends import trends

CALLS = (8, 25, 85, 255)
FROM = (0, 4, 7, 10, 15, 20, 30, 50, 1000)
"""Usual calls that outages are told apart by."""


def false_alarms_of_usual(cases: Sequence[Case], show: Callable[[str], None]) -> None:
    """False alarms a week of rules of usual."""
    show("of usual: false alarms a week, by calls at the busy hour")
    rules = [OfUsual(*each) for each in ((40,), (60,), (40, 2), (60, 2), (130,), (150,))]
    found = [(case, unusual(case.past, rules)) for case in cases]
    for number, rule in enumerate(rules):
        counts = [(case, len(alarms[number])) for case, alarms in found]
        show(f"  {rule!s:32} {by_calls(counts)}")


def outages(cases: Sequence[Case], trials: int, show: Callable[[str], None]) -> None:
    """What share of outages of an hour is noticed, and how soon, by what was usual then."""
    show("of usual: outages noticed within an hour, minutes from their beginning (median, 95%)")
    for left, rule in product((0.0, 0.3), [OfUsual(p, n) for p in (40, 60) for n in (3, 2)]):
        told: list[tuple[float, float | None]] = []
        for case in cases:
            for number, start in enumerate(case.starts(trials, busy=False)):
                told.append(_outage(case, rule, start, number % 5, left))
        show(f"  to {left:.0%}, {rule}")
        for low, high in pairwise(FROM):
            some = [after for usual, after in told if low <= usual < high]
            show(f"    usual {low:2} to {high:4}: {noticed(some)}")


def _outage(
    case: Case, rule: OfUsual, start: int, minute: int, left: float
) -> tuple[float, float | None]:
    """What is usual when the outage begins, and how many minutes later it is notified."""
    readings = with_change(
        case.line, start, 65, lambda at: left if at >= minute else 1.0, case.seed
    )

    def passes(at: int, holding: bool) -> bool:  # noqa: FBT001
        return rule.passes(readings[at], case.usual[start + at], holding=holding)

    found = incidents(passes, range(len(readings)), rule.needed)
    after = told_after(found[0].start, minute) if found else None
    return case.usual[start + 1] or 0.0, after


def main(show: Callable[[str], None] = print) -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="two lines, eight weeks: half a minute"
    )
    parser.add_argument("--weeks", type=int, default=24, help="the first four only make usual")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--spread", type=float, default=DAY_TO_DAY, help="day to day, of the logarithm"
    )
    given = parser.parse_args()
    scale = Scale(CALLS, given.weeks, given.seeds, given.spread, trials=60)
    if given.quick:
        scale = Scale((25, 85), 12, 1, given.spread, trials=60)
    cases = [*simulate(scale)]
    false_alarms_of_usual(cases, show)
    outages(cases, 5 * scale.trials, show)
    trends(cases, scale.trials, show)
    new_levels(cases, scale.trials // 15, show)


if __name__ == "__main__":
    main()
