"""The heartbeat is called after a complete check, and after no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from pydantic import SecretStr

from headroom.app import App
from headroom.config.models import HeartbeatModel
from headroom.config.validation import Problem
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.errors import BrokenCheck, StateUnavailable
from headroom.pipeline.heartbeat import beat
from headroom.ports import Deadline
from tests.builders import T0, delivery_failure, failure, invalid_project, project
from tests.support.broken_store import losing, out_of_time
from tests.support.world import FakeHeartbeat, World

MINUTE = 60
URL = "https://hc.example.com/sesame0pen"
WANTED = HeartbeatModel.model_validate({"url": URL})
GONE = StateUnavailable("throttled")


@pytest.fixture
def beating(world: World) -> World:
    """A world whose configuration has a heartbeat, checked once before it is wanted."""
    world.check(T0 - 4 * MINUTE)
    world.source.configuration = replace(world.source.configuration, heartbeat=WANTED)
    world.calls(T0, 118)
    return world


def bug(world: World) -> None:
    world.readings.bugs = {"support-line": KeyError("slip")}


def unreadable_document(world: World) -> None:
    world.check(T0 + MINUTE - 1)
    world.sql("UPDATE documents SET body = '{}' WHERE project = 'support-line'")
    world.heartbeat.calls.clear()


def bug_in_a_channel(world: World) -> None:
    world.chat.errors = [KeyError("slip")]


def nothing_to_watch(world: World) -> None:
    world.source.configuration = replace(world.source.configuration, projects={})


@pytest.mark.parametrize(
    "trouble",
    [
        *(losing(operation) for operation in ("load", "commit", "race", "move", "record")),
        out_of_time,
        bug,
        unreadable_document,
        bug_in_a_channel,
        nothing_to_watch,
    ],
)
def test_a_check_that_left_something_undone_is_silent(
    beating: World, trouble: Callable[[World], None]
) -> None:
    trouble(beating)
    with suppress(StateUnavailable, BrokenCheck):
        beating.check(T0 + MINUTE)
    assert beating.heartbeat.calls == []


def refused_by_polyai(world: World) -> None:
    world.readings.failing["support-line"] = failure()


def refused_configuration(world: World) -> None:
    config = world.source.configuration
    bad = {"sales": invalid_project(name="sales")}
    faults = {"keys.europe": Problem("keys.europe", "none")}
    world.source.configuration = replace(config, invalid=bad, faults=faults)


def failing_channel(world: World) -> None:
    world.chat.down = delivery_failure("503", retryable=True, ambiguous=True)


def listing_of_before(world: World) -> None:
    config = world.source.configuration
    world.source.configuration = replace(config, fresh=False, unread="SSM: throttled")


@pytest.mark.parametrize(
    "told_otherwise",
    [
        lambda _: None,
        refused_by_polyai,
        refused_configuration,
        failing_channel,
        listing_of_before,
        losing("overtaken"),
    ],
)
def test_a_check_that_did_all_its_work_calls_once_whatever_it_found(
    beating: World, told_otherwise: Callable[[World], None]
) -> None:
    told_otherwise(beating)
    beating.check(T0 + MINUTE)
    assert [url for url, _ in beating.heartbeat.calls] == [URL]


def test_an_event_that_is_dropped_is_silent(beating: World) -> None:
    beating.now = T0 + 10 * MINUTE
    app = App(beating.ports(), [])
    assert app.run(T0, Deadline(lambda: 60.0)).dropped
    app.close()
    assert beating.heartbeat.calls == []


def test_one_project_of_many_that_was_not_reached_is_enough_to_be_silent(beating: World) -> None:
    beating.configure(*(project(name=f"line-{number}") for number in range(5)))
    beating.source.configuration = replace(beating.source.configuration, heartbeat=WANTED)
    beating.readings.limit = 4
    beating.check(T0 + MINUTE)
    assert beating.heartbeat.calls == []
    beating.readings.limit = 100
    beating.check(T0 + 2 * MINUTE)
    assert len(beating.heartbeat.calls) == 1


@pytest.mark.parametrize("retryable", [True, False])
def test_a_call_that_fails_is_a_problem_of_the_report_and_nothing_more(
    beating: World, *, retryable: bool
) -> None:
    beating.heartbeat.error = delivery_failure("404 Not Found", retryable=retryable)
    report = beating.check(T0 + MINUTE)
    assert report.problems == ["heartbeat: 404 Not Found"]
    assert (report.checked, report.sent, report.pending) == (1, 2, 0)
    assert len(beating.heartbeat.calls) == 1
    assert "sesame0pen" not in str(report.as_json())


def test_a_bug_in_the_call_is_a_bug_of_a_check_that_is_done(beating: World) -> None:
    class Broken(FakeHeartbeat):
        async def beat(self, url: SecretStr, seconds: float) -> DeliveryFailure | None:
            raise KeyError(url, seconds)

    beating.heartbeat = Broken()
    with pytest.raises(BrokenCheck):
        beating.check(T0 + MINUTE)
    assert beating.chat.kinds == ["fired"]


@pytest.mark.parametrize(("left", "given"), [(60.0, [5.0]), (4.5, [3.5]), (2.9, []), (-1.0, [])])
def test_a_call_has_a_few_seconds_of_the_time_that_is_left_or_is_not_made(
    left: float, given: list[float]
) -> None:
    heartbeat = FakeHeartbeat()
    done = asyncio.run(beat(heartbeat, WANTED, Deadline(lambda: left)))
    assert [seconds for _, seconds in heartbeat.calls] == given
    assert done.problem == ("" if given else "heartbeat: not called, the check's time ran out")
