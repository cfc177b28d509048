"""The simulation itself: a seed gives the same run again, and dead invocations do nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from functools import cache

import pytest

from headroom.domain import evaluation
from tests.simulation.campaign import campaign, judge, shortest
from tests.simulation.run import RunResult, run
from tests.simulation.scenarios.generate import scenario
from tests.simulation.virtual_time import Deadlock, VirtualLoop, pause


def test_time_passes_only_when_all_tasks_wait() -> None:
    loop = VirtualLoop()
    seen: list[tuple[str, float]] = []

    def in_a_thread() -> None:
        seen.append(("thread", loop.time()))
        pause(50)
        seen.append(("thread", loop.time()))

    async def beside() -> None:
        await asyncio.sleep(30)
        seen.append(("task", loop.time()))

    async def both() -> None:
        await asyncio.gather(asyncio.to_thread(in_a_thread), beside())

    loop.run_until_complete(both())
    with pytest.raises(Deadlock):
        loop.run_until_complete(loop.create_future())
    loop.close()
    assert seen == [("thread", 0), ("task", 30), ("thread", 50)]


def test_the_same_seed_gives_the_same_timeline_to_the_last_letter() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--timeline", "--seed", "7"]
    first, again = (
        subprocess.run(  # noqa: S603  # ourselves
            command, env={"PYTHONHASHSEED": hashing}, check=True, capture_output=True, text=True
        ).stdout
        for hashing in ("1", "2")
    )
    assert first.count("\n") > 500
    assert first == again


SHORT = 361
"""The first of eight scenarios with few checks."""


@cache
def of_seed(seed: int) -> RunResult:
    """The run of a seed, which several tests look at."""
    return run(scenario(seed))


@pytest.mark.parametrize("seed", [4, 5])
def test_a_dead_invocation_has_no_effect_any_more(seed: int) -> None:
    dead: set[int | None] = set()
    for line in of_seed(seed).lines:
        assert line.check not in dead
        if (line.what, line.note) == ("end", "crashed"):
            dead.add(line.check)
    assert dead


@pytest.mark.parametrize("seed", [4, 5])
def test_a_scenario_with_its_faults_given_runs_the_same_way(seed: int) -> None:
    result = of_seed(seed)
    assert run(replace(result.scenario, faults=dict(result.hit))).lines == result.lines


def test_a_campaign_runs_on_until_all_its_checks_are_done_over_both_stores() -> None:
    outcome = campaign(checks=400, seed=SHORT, processes=1)
    assert outcome.checks >= 400
    assert outcome.failed == {}
    stores = {scenario(SHORT + place).store for place in range(outcome.scenarios)}
    assert stores == {"sqlite", "dynamo"}


def test_the_shortest_scenario_fails_in_the_same_way_with_little_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation, "_behind", lambda *_: {})
    failing = scenario(19)
    result, left = shortest(failing)
    assert left[0].endswith("there is no notice (DESIGN 4.1)")
    assert len(result.scenario.checks) <= len(failing.checks) // 10
    assert judge(result.facts) == left
