"""The simulation's own promises: the same again for the same seed, and nothing from the dead."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace

import pytest

from headroom.domain import evaluation
from tests.simulation.campaign import campaign, judge, shortest
from tests.simulation.run import run
from tests.simulation.scenarios.generate import scenario
from tests.simulation.virtual_time import Deadlock, VirtualLoop, pause


def test_time_passes_only_when_everybody_waits() -> None:
    loop = VirtualLoop()
    heard: list[tuple[str, float]] = []

    def in_a_thread() -> None:
        heard.append(("thread", loop.time()))
        pause(50)
        heard.append(("thread", loop.time()))

    async def beside() -> None:
        await asyncio.sleep(30)
        heard.append(("task", loop.time()))

    async def both() -> None:
        await asyncio.gather(asyncio.to_thread(in_a_thread), beside())

    loop.run_until_complete(both())
    with pytest.raises(Deadlock):
        loop.run_until_complete(loop.create_future())
    loop.close()
    assert heard == [("thread", 0), ("task", 30), ("thread", 50)]


def test_the_same_seed_is_the_same_story_to_the_last_letter() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--story", "--seed", "5"]
    first, again = (
        subprocess.run(  # noqa: S603  # ourselves
            command, env={"PYTHONHASHSEED": hashing}, check=True, capture_output=True, text=True
        ).stdout
        for hashing in ("1", "2")
    )
    assert first.count("\n") > 500
    assert first == again


@pytest.mark.parametrize("seed", [4, 5])
def test_nothing_is_heard_of_a_process_once_it_is_dead(seed: int) -> None:
    dead: set[int | None] = set()
    for line in run(scenario(seed)).lines:
        assert line.check not in dead
        if (line.what, line.note) == ("end", "crashed"):
            dead.add(line.check)
    assert dead


@pytest.mark.parametrize("seed", [4, 5])
def test_a_story_told_by_its_faults_alone_is_the_same_story(seed: int) -> None:
    story = run(scenario(seed))
    assert run(replace(story.scenario, faults=dict(story.hit))).lines == story.lines


def test_a_campaign_runs_on_until_all_its_checks_are_done_over_both_stores() -> None:
    outcome = campaign(checks=400, seed=1, processes=1)
    assert outcome.checks >= 400
    assert outcome.failed == {}
    assert {scenario(seed).store for seed in range(1, 1 + outcome.stories)} == {"sqlite", "dynamo"}


def test_the_shortest_story_fails_in_the_same_way_with_little_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluation, "_behind", lambda *_: {})
    failing = scenario(2002)
    story, left = shortest(failing)
    assert left[0].endswith("nobody was told (DESIGN 4.1)")
    assert len(story.scenario.checks) <= len(failing.checks) // 10
    assert judge(story.facts) == left
