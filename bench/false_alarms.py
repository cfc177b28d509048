"""False alarms, and what is noticed, of `of usual`, `within` and new levels on simulated lines.

    python -m bench.false_alarms [--quick] [--weeks 24] [--seeds 3] [--spread 0.1]

A few minutes on one core. Everything that it prints is a rate or a share, the same on every
machine. `ordinary/lines.py` says what an ordinary line is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise, product

from bench.ordinary.cases import Case, Scale, by_calls, noticed, simulate
from bench.ordinary.levels import new_levels
from bench.ordinary.lines import DAY_TO_DAY, with_change
from bench.ordinary.replay import at, incidents, rule, told_after, unusual
from bench.ordinary.trends import trends
from headroom.domain.hours import ALWAYS
from headroom.domain.readings import WHOLE
from headroom.domain.usual import usual_at

CALLS = (8, 25, 85, 255)
LOW = [rule(f"<= {percent}% of usual", n) for percent, n in product((40, 60), (3, 2))]
HIGH = [rule(f">= {percent}% of usual", 3) for percent in (130, 150)]
FROM = (0, 4, 7, 10, 15, 20, 30, 50, 1000)
"""Usual calls that outages are told apart by."""


def false_alarms_of_usual(cases: Sequence[Case], show: Callable[[str], None]) -> None:
    """False alarms a week of rules of usual."""
    show("of usual: false alarms a week, by calls at the busy hour")
    rules = [*LOW, *HIGH]
    found = [(case, unusual(case.past, rules)) for case in cases]
    for number, each in enumerate(rules):
        counts = [(case, len(alarms[number])) for case, alarms in found]
        show(f"  {each.name:16} {each.needed} of {each.needed}   {by_calls(counts)}")


def outages(cases: Sequence[Case], trials: int, show: Callable[[str], None]) -> None:
    """What share of outages of an hour is noticed, and how soon, by what was usual then."""
    show("of usual: outages noticed within an hour, minutes from their beginning (median, 95%)")
    for left in (0.0, 0.3):
        told = [
            _outage(case, start, number % 5, left)
            for case in cases
            for number, start in enumerate(case.starts(trials, busy=False))
        ]
        for number, each in enumerate(LOW):
            show(f"  to {left:.0%}, {each.name}, {each.needed} of {each.needed}")
            for low, high in pairwise(FROM):
                some = [after[number] for usual, after in told if low <= usual < high]
                show(f"    usual {low:2} to {high:4}: {noticed(some)}")


def _outage(case: Case, start: int, minute: int, left: float) -> tuple[float, list[float | None]]:
    """What is usual when the outage begins, and how many minutes later each rule notifies it."""
    factor = partial(_left, minute, left)
    readings = with_change(case.line, start, 65, factor, case.seed)
    news = case.past.with_news(start, readings)
    judged = [news.judged_by(each) for each in LOW]
    found = incidents(judged, range(start, start + len(readings)))
    usual = usual_at(news.baseline, WHOLE, at(start + 1), ALWAYS)
    after = [told_after(each[0].start - start, minute) if each else None for each in found]
    return usual.calls if usual else 0.0, after


def _left(begins: int, left: float, minute: int) -> float:
    """What is left of the calls at a minute."""
    return left if minute >= begins else 1.0


def main(show: Callable[[str], None] = print) -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two lines, eight weeks")
    parser.add_argument("--weeks", type=int, default=24, help="the first four only make usual")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--spread", type=float, default=DAY_TO_DAY, help="from day to day")
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
