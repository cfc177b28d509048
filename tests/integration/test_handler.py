"""The real handler in a process of its own, on the embedded cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom_cli.demo.cloud import Cloud
from headroom_cli.demo.function import Function, FunctionFailed
from tests.support.stack import environment as in_stack

ROOT = Path(__file__).parents[2]
CHECK, BASELINE = ROOT / "functions/check/app.py", ROOT / "functions/baseline/app.py"
TAKEN_BY = {"schedule": CHECK, "baseline": BASELINE}
"""Which function takes each literal event."""


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """A deployed stack with no projects yet."""
    with Cloud() as cloud:
        stack = cloud.deploy(ROOT / "template.yaml")
        yield in_stack(cloud, stack)


def run(
    environment: dict[str, str], log: Path, event: object, code: Path = CHECK
) -> dict[str, object]:
    with Function(code, environment, log) as function:
        return function.invoke(event)  # type: ignore[arg-type]  # bad events are the point


def literal(name: str) -> dict[str, str]:
    event: dict[str, str] = json.loads((ROOT / f"events/{name}.json").read_text("utf-8"))
    return event


def test_every_literal_event_has_its_function() -> None:
    assert {path.stem for path in (ROOT / "events").iterdir()} == set(TAKEN_BY)


def test_the_event_of_the_schedule_is_a_check(environment: dict[str, str], tmp_path: Path) -> None:
    written = literal("schedule")
    report = run({**environment, "HEADROOM_CLOCK": "event"}, tmp_path / "log", written)
    assert (report["at"], report["dropped"], report["problems"]) == (written["time"], "", [])
    assert report["left_out"] == {}, "the answer is fitted into what Lambda takes"
    log = (tmp_path / "log").read_text("utf-8")
    assert '"left_out":{}' in log.replace(" ", ""), "and so is the line in the log"
    assert '"ProjectsChecked":[0.0]' in log.replace(" ", "")


def test_the_event_of_the_hour_makes_baselines(environment: dict[str, str], tmp_path: Path) -> None:
    written = literal("baseline")
    report = run({**environment, "HEADROOM_CLOCK": "event"}, tmp_path / "log", written, BASELINE)
    assert (report["at"], report["wanted"], report["problems"]) == (written["time"], 0, [])
    assert report["left_out"] == {}
    log = (tmp_path / "log").read_text("utf-8").replace(" ", "")
    assert '"left_out":{}' in log
    assert '"OldestBaselineSeconds":[0.0]' in log


@pytest.mark.parametrize("event", [{}, {"time": 7}, {"time": "2999-01-01T00:00:00Z"}])
def test_the_making_refuses_an_event_that_is_none(
    environment: dict[str, str], tmp_path: Path, event: object
) -> None:
    with pytest.raises(FunctionFailed, match="EventError"):
        run(environment, tmp_path / "log", event, BASELINE)


def test_an_event_from_the_past_is_dropped_and_one_from_the_future_refused(
    environment: dict[str, str], tmp_path: Path
) -> None:
    old = run(environment, tmp_path / "log", {"time": "2026-01-01T00:00:00Z"})
    assert "behind the clock" in str(old["dropped"])
    assert "ProjectsChecked" not in (tmp_path / "log").read_text("utf-8")  # it was no check
    with pytest.raises(FunctionFailed, match=r"EventError: .*ahead of the clock"):
        run(environment, tmp_path / "log", {"time": "2999-01-01T00:00:00Z"})


@pytest.mark.parametrize("event", [{}, {"time": 7}, {"time": "now"}, []])
def test_an_event_that_is_none_is_refused_with_what_was_expected(
    environment: dict[str, str], tmp_path: Path, event: object
) -> None:
    with pytest.raises(FunctionFailed, match="EventError"):
        run(environment, tmp_path / "log", event)


def test_a_variable_that_is_missing_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    less = {name: value for name, value in environment.items() if name != "HEADROOM_TABLE"}
    with pytest.raises(FunctionFailed, match="SettingsError: HEADROOM_TABLE is not set"):
        run(less, tmp_path / "log", {"time": "2026-01-01T00:00:00Z"})
