"""The simulation finds each planted bug, and nothing without one."""

from __future__ import annotations

import pytest

from tests.simulation.bugs.planted import BUGS
from tests.simulation.campaign import judge
from tests.simulation.run import run
from tests.simulation.scenarios.generate import scenario

MOST = 4_000
"""Checks within which a bug has to be found, counted from the seed where it was found once."""


@pytest.mark.parametrize("name", BUGS)
def test_each_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bug = BUGS[name]
    bug.plant(monkeypatch)
    seed, checks = bug.seed, 0
    while checks < MOST:
        result = run(scenario(seed), bug.wrap)
        if judge(result.facts):
            return
        seed += 1
        checks += len(result.scenario.checks)
    pytest.fail(f"not found in {checks} checks")


@pytest.mark.parametrize("seed", sorted({bug.seed for bug in BUGS.values()}))
def test_without_a_bug_nothing_is_found(seed: int) -> None:
    assert judge(run(scenario(seed)).facts) == []
