"""Evaluation alone: series-rules per second on one core, by what the lines are doing.

Prints the best of several rounds. `well`: nothing near a threshold (the usual case); `busy`:
readings above the milder threshold now and then, which never hold long enough; `firing`: every
alert fires.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle, islice

from headroom.domain.evaluation import evaluate
from headroom.domain.lines import Line
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import WHOLE, Answer, Query
from headroom.domain.rules import Level, Project, Rule, Severity, Watch
from headroom.domain.windows import WINDOW, Instant, Moment

T0: Instant = 1_795_428_300
PROJECTS = 2_000
ROUNDS = 5
WINDOWS = 13


def rule(name: str, *, upper: bool) -> Rule:
    """Two levels, two of three windows."""
    bounds = (114, 96) if upper else (0, 2)
    levels = tuple(
        Level(severity, "", bound, bound - 6 if upper else bound + 1, float(bound))
        for severity, bound in zip((Severity.CRITICAL, Severity.WARNING), bounds, strict=True)
    )
    return Rule(name, levels, upper=upper, watches=(Watch(Query()),), needed=2, among=3)


def projects() -> list[Project]:
    """Each with an upper and a lower bound on its whole line."""
    rules = (rule("near-limit", upper=True), rule("dead-line", upper=False))
    routing = dict.fromkeys(Severity, ("default",))
    return [
        Project(each.name, (each,), rules, routing, limit=120)
        for each in map(_line, range(PROJECTS))
    ]


def _line(number: int) -> Line:
    ids = {"region": "uk-1", "account_id": "acme", "project_id": f"project-{number}"}
    return Line(name=f"line-{number}", **ids)


def answers(values: tuple[int, ...]) -> Answer:
    """An hour of windows that repeat the values."""
    peaks = islice(cycle(values), WINDOWS)
    return Answer({WHOLE: {T0 - WINDOW * back: peak for back, peak in enumerate(peaks)}})


def rate(line: Answer, all_projects: list[Project]) -> float:
    """Series-rules per second: one window closes, one is open."""
    moment = Moment(T0 + 60, T0 - WINDOW)
    state = ProjectState(project="line", watermark=T0 - 2 * WINDOW, since=0)
    key = Query().key
    began = time.process_time()
    for each in all_projects:
        evaluate(each, state, {key: line}, moment)
    return 2 * len(all_projects) / (time.process_time() - began)


def main(show: Callable[[str], None] = print) -> None:
    """Print one line for each kind of day."""
    everything = projects()
    for name, values in (("well", (60, 61, 59)), ("busy", (97, 30, 40)), ("firing", (118,))):
        best = max(rate(answers(values), everything) for _ in range(ROUNDS))
        show(f"{name:>7}: {best:>10,.0f} series-rules per second")


if __name__ == "__main__":
    main()
