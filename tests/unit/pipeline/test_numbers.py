"""The numbers that alarms read, from a whole check to the line that CloudWatch gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import pytest
from aws_lambda_powertools import Metrics

from functions.check.app import count
from headroom.config.validation import Problem
from headroom.pipeline.report import Report
from tests.builders import T0, delivery_failure, failure, invalid_project, project
from tests.support.broken_store import losing, out_of_time
from tests.support.world import World

MINUTE = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
REVOKED = delivery_failure("404 no_service", retryable=False)


def numbers(report: Report, *names: str) -> list[float]:
    """What the function prints of a report."""
    with redirect_stdout(StringIO()) as out:
        count(Metrics(namespace="Headroom", service="check"), report)
    line = json.loads(out.getvalue().splitlines()[0])
    return [line[name][0] for name in names]


def test_a_failed_notice_is_pending_and_as_old_as_the_oldest(world: World) -> None:
    names = ("NoticesSent", "NoticesFailed", "NoticesPending", "OldestPendingSeconds")
    world.check(T0 - 4 * MINUTE)
    world.chat.down = DOWN
    world.calls(T0, 100)
    assert numbers(world.check(T0 + MINUTE), *names) == [0, 1, 1, 0]
    world.calls(T0, 118)  # escalated: the pager accepts it, for the chat it is pending
    assert numbers(world.check(T0 + 4 * MINUTE), *names) == [1, 1, 1, 3 * MINUTE]
    world.chat.down = None
    assert numbers(world.check(T0 + 5 * MINUTE), *names) == [1, 0, 0, 0]


def test_a_notice_that_was_given_up_is_not_pending_but_failed(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.chat.down = REVOKED
    world.calls(T0, 100)
    report = world.check(T0 + MINUTE)
    assert numbers(report, "NoticesFailed", "NoticesPending") == [1, 0]


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({}, 0),
        ({"invalid": {"sales": invalid_project(name="sales")}}, 1),
        (
            {"faults": {each: Problem(each, "is wrong") for each in ("keys.europe", "channels.x")}},
            2,
        ),
        ({"fresh": False, "unread": "SSM: throttled"}, 1),
    ],
    ids=["all well", "projects", "beside the projects", "could not be read"],
)
def test_whatever_is_wrong_with_the_configuration_is_a_config_error(
    world: World, wrong: dict[str, object], errors: int
) -> None:
    world.source.configuration = replace(world.source.configuration, **wrong)  # type: ignore[arg-type]  # by name
    assert numbers(world.check(T0), "ConfigErrors") == [errors]


def refused_by_polyai(world: World) -> None:
    world.readings.failing["support-line"] = failure()


def unreadable_document(world: World) -> None:
    world.sql("UPDATE documents SET body = '{}'")


@pytest.mark.parametrize(
    "trouble", [refused_by_polyai, unreadable_document, losing("commit"), out_of_time]
)
def test_a_project_that_nobody_looks_at_is_unreachable_whatever_the_reason(
    world: World, trouble: Callable[[World], None]
) -> None:
    names = ("ProjectsChecked", "ProjectsUnreachable")
    world.calls(T0, 118)
    assert numbers(world.check(T0 + MINUTE), *names) == [1, 0]
    trouble(world)
    world.calls(T0 - 300, 0)
    assert numbers(world.check(T0 + 20 * MINUTE), *names)[1] == 1


def test_what_could_not_be_stored_is_not_finished_and_a_removed_project_is_none(
    world: World,
) -> None:
    """The command's summary counts these names."""
    world.configure(project(), project(name="removed"))
    world.check(T0 - 240)
    for name in ("support-line", "removed"):
        world.calls(T0, 118, name)
    world.check(T0 + 60)
    world.configure(project())
    losing("commit")(world)
    world.calls(T0 + 300, 118)
    report = world.check(T0 + 660)
    assert report.configured == {"support-line"}
    assert report.not_finished == {"support-line"}
