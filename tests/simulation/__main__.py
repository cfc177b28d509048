"""`make simulate`: many checks of simulated stories; one that fails is told as short as it goes."""
# ruff: noqa: T201  # what it finds is for the terminal

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.campaign import campaign, shortest
from tests.simulation.figures import lines
from tests.simulation.run import run
from tests.simulation.scenarios.generate import scenario
from tests.simulation.timeline import render


def main() -> int:
    """Run, print, and say by the exit code whether everything held."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--checks", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--story", action="store_true", help="tell one story whole")
    wanted = parser.parse_args()
    if wanted.story:
        print(render(run(scenario(wanted.seed))))
        return 0
    outcome = campaign(wanted.checks, wanted.seed, wanted.processes)
    for line in lines(outcome.stories, outcome.checks, outcome.seconds, outcome.figures):
        print(line)
    for seed, found in sorted(outcome.failed.items())[:1]:
        print(f"\nseed {seed} fails:", *found, sep="\n  ")
        story, left = shortest(scenario(seed))
        print("\nthe shortest story that does:", render(story), *left, sep="\n")
        print(f"\nrepeat it: make simulate SEED={seed} CHECKS=1")
    return bool(outcome.failed)


if __name__ == "__main__":
    sys.exit(main())
