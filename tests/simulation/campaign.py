"""Many stories, over all processors: the figures of all, and the first that fails."""

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
"""Stories that a process is given at once."""


@dataclass
class Outcome:
    """What came of many stories."""

    stories: int = 0
    checks: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)
    """By seed, what did not hold."""
    seconds: float = 0.0

    def add(self, other: Outcome) -> None:
        """Take over another's."""
        self.stories += other.stories
        self.checks += other.checks
        self.figures.update(other.figures)
        self.failed.update(other.failed)


def judge(facts: Facts) -> list[str]:
    """Everything that is wrong with a story."""
    return violations(facts) or [f"oracle: {each}" for each in complaints(facts)]


def tell(seeds: range) -> Outcome:
    """Run the stories of these seeds."""
    outcome = Outcome()
    for seed in seeds:
        story = run(scenario(seed))
        outcome.stories += 1
        outcome.checks += len(story.scenario.checks)
        outcome.figures.update(story.figures + counted(story.facts))
        if found := judge(story.facts):
            outcome.failed[seed] = found
    return outcome


def campaign(checks: int, seed: int, processes: int = 2) -> Outcome:
    """Run stories from this seed on until so many checks are done, or one story fails."""
    outcome = Outcome()
    began = time.perf_counter()
    spawn = multiprocessing.get_context("spawn")  # a fork would take half a thread along
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        batches = _batches(seed)
        running: set[Future[Outcome]] = set()
        while outcome.checks < checks and not outcome.failed:
            while len(running) <= processes:
                running.add(pool.submit(tell, next(batches)))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                outcome.add(each.result())
        for each in running:  # what was begun counts, or the first stories might go unjudged
            if not each.cancel():
                outcome.add(each.result())
    outcome.seconds = time.perf_counter() - began
    return outcome


def _batches(seed: int) -> Iterator[range]:
    while True:
        yield range(seed, seed + BATCH)
        seed += BATCH


def shortest(failing: Scenario, wrap: Wrap = lambda state: state) -> tuple[RunResult, list[str]]:
    """Tell the shortest story in which the same thing goes wrong first, and what that is."""
    story = run(failing, wrap)
    wrong = _first(story)

    def fails(tried: Scenario) -> bool:
        return _first(run(tried, wrap)) == wrong

    story = run(shrink(replace(failing, faults=dict(story.hit)), fails), wrap)
    return story, judge(story.facts)


def _first(story: RunResult) -> str:
    """What goes wrong first, without the names and times of this story."""
    found = judge(story.facts)
    return " ".join(_NAMES.sub("", found[0]).split()) if found else ""
