"""Runs many scenarios, over all processors: the figures of all, and the first that fails."""

from __future__ import annotations

import multiprocessing
import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field, replace

from tests.simulation.facts import Facts
from tests.simulation.figures import counted
from tests.simulation.invariants.rules import violations
from tests.simulation.oracle.complaints import complaints
from tests.simulation.run import RunResult, Wrap, run
from tests.simulation.scenarios.generate import scenario
from tests.simulation.scenarios.scenario import Scenario
from tests.simulation.shrink import shrink

_NAMES = re.compile(r"\(.*?\)|\S*\d\S*|\S+/\S+")
BATCH = 4
"""Scenarios that a process is given at once."""


@dataclass
class Outcome:
    """The outcome of many runs."""

    scenarios: int = 0
    checks: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)
    """By seed, what is wrong."""
    seconds: float = 0.0

    def add(self, other: Outcome) -> None:
        """Add another's."""
        self.scenarios += other.scenarios
        self.checks += other.checks
        self.figures.update(other.figures)
        self.failed.update(other.failed)


def judge(facts: Facts) -> list[str]:
    """Everything that is wrong with a run."""
    return violations(facts) or [f"oracle: {each}" for each in complaints(facts)]


def run_seeds(seeds: range) -> Outcome:
    """Run the scenarios of these seeds."""
    outcome = Outcome()
    for seed in seeds:
        result = run(scenario(seed))
        outcome.scenarios += 1
        outcome.checks += len(result.scenario.checks)
        outcome.figures.update(result.figures + counted(result.facts))
        if found := judge(result.facts):
            outcome.failed[seed] = found
    return outcome


def campaign(checks: int, seed: int, processes: int = 2) -> Outcome:
    """Run scenarios from this seed on until so many checks are done, or one fails."""
    outcome = Outcome()
    began = time.perf_counter()
    spawn = multiprocessing.get_context("spawn")  # a fork would take half a thread along
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        batches = _batches(seed)
        running: set[Future[Outcome]] = set()
        while outcome.checks < checks and not outcome.failed:
            while len(running) <= processes:
                running.add(pool.submit(run_seeds, next(batches)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                outcome.add(each.result())
        for each in running:  # what was begun counts, or the first scenarios might go unjudged
            if not each.cancel():
                outcome.add(each.result())
    outcome.seconds = time.perf_counter() - began
    return outcome


def _batches(seed: int) -> Iterator[range]:
    while True:
        yield range(seed, seed + BATCH)
        seed += BATCH


def shortest(failing: Scenario, wrap: Wrap = lambda state: state) -> tuple[RunResult, list[str]]:
    """Run the shortest scenario in which the same goes wrong first; return it and what is wrong."""
    result = run(failing, wrap)
    wrong = _first(result)

    def fails(tried: Scenario) -> bool:
        return _first(run(tried, wrap)) == wrong

    result = run(shrink(replace(failing, faults=dict(result.hit)), fails), wrap)
    return result, judge(result.facts)


def _first(result: RunResult) -> str:
    """What goes wrong first, without the names and times of this run."""
    found = judge(result.facts)
    return " ".join(_NAMES.sub("", found[0]).split()) if found else ""
