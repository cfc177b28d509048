"""The demo's story is about the projects, rules and keys of the example that people read."""

from __future__ import annotations

import pytest

from headroom_cli.config_file.publish import parameters
from headroom_cli.config_file.source import read
from headroom_cli.demo import scenario
from headroom_cli.demo.command import ALERTS
from headroom_cli.demo.config import DemoConfig, made_up


@pytest.fixture
def config() -> DemoConfig:
    return DemoConfig(read(ALERTS, lambda _: "made up"))


def test_every_line_and_trouble_belongs_to_a_project_of_the_example(config: DemoConfig) -> None:
    assert scenario.LINES.keys() == config.projects.keys()
    assert {fault.target for fault in scenario.API_FAULTS} <= config.projects.keys()
    assert {fault.target for fault in scenario.CHANNEL_FAULTS} <= config.kinds.keys()


def test_what_somebody_writes_during_the_day_was_pushed_before(config: DemoConfig) -> None:
    pushed = {each.name for each in parameters(config.document("http://127.0.0.1:1"))}
    assert {scene.parameter for scene in scenario.SCENES if scene.parameter} <= pushed


def test_a_key_opens_only_the_accounts_of_its_own_projects(config: DemoConfig) -> None:
    keys = scenario.keys(config.projects)
    assert keys[made_up("default")].accounts == {"acme-uk"}
    assert keys[made_up("europe")].accounts == {"acme-eu"}
    assert keys[made_up("europe")].expires == scenario.clock("18:00")
    assert keys[made_up("europe, 2027")].expires is None


@pytest.mark.parametrize(
    ("at", "made"), [("00:00", "-1:17"), ("09:17", "08:17"), ("09:18", "09:17")]
)
def test_what_is_usual_was_made_within_the_hour_before(at: str, made: str) -> None:
    assert scenario.making_before(scenario.clock(at)) == scenario.clock(made)


def test_everything_happens_on_the_day_and_in_order() -> None:
    times = [scene.at for scene in scenario.SCENES]
    assert times == sorted(set(times))
    assert times[0] >= scenario.START
    assert times[-1] < scenario.START + scenario.CHECKS * 60
