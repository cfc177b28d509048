"""`make simulate`: many checks of simulated scenarios; one that fails is shrunk and printed."""
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
    parser.add_argument(
        "--timeline", action="store_true", help="print the whole timeline of one scenario"
    )
    wanted = parser.parse_args()
    if wanted.timeline:
        print(render(run(scenario(wanted.seed))))
        return 0
    outcome = campaign(wanted.checks, wanted.seed, wanted.processes)
    for line in lines(outcome.scenarios, outcome.checks, outcome.seconds, outcome.figures):
        print(line)
    for seed, found in sorted(outcome.failed.items())[:1]:
        print(f"\nseed {seed} fails:", *found, sep="\n  ")
        result, left = shortest(scenario(seed))
        print("\nthe shortest scenario that does:", render(result), *left, sep="\n")
        print(f"\nrepeat it: make simulate SEED={seed} CHECKS=1")
    return bool(outcome.failed)


if __name__ == "__main__":
    sys.exit(main())
