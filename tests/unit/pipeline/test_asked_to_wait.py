"""PolyAI answers with `Retry-After`: what is asked again, and when."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from headroom.domain.readings import Failure
from tests.builders import T0, project, query, rule, watch
from tests.support.world import World

MINUTE = 60
LIMITED = Failure(429, "asked too often: simulated")
WIDE = project(
    rules=(
        rule(),
        rule(name="spanish", watches=(watch(query=query(language="es-ES"), series="es-ES"),)),
    )
)
SPANISH = query(language="es-ES").key


def limit(world: World, retry_after: float) -> None:
    world.readings.failing["support-line"] = LIMITED
    world.readings.retry_after = retry_after


def asked_at(world: World, at: int) -> list[str]:
    """What one check asks."""
    world.readings.asked.clear()
    world.check(at)
    return [each.partition(" ")[2] for each in world.readings.asked]


def test_a_query_that_was_asked_to_wait_is_not_sent_before_by_any_check_or_process(
    world: World, tmp_path: Path
) -> None:
    limit(world, 600)
    assert asked_at(world, T0)
    for minute in range(1, 10):
        assert asked_at(world, T0 + minute * MINUTE) == []
    fresh = World(tmp_path)
    assert asked_at(fresh, T0 + 600 - 1) == []
    assert asked_at(fresh, T0 + 600)


def test_a_query_that_waits_is_reported_as_unreachable_with_its_reason(
    world: World,
) -> None:
    limit(world, 1800)
    world.check(T0)
    reports = [world.check(T0 + minute * MINUTE) for minute in range(1, 12)]
    said = "429 asked too often: simulated; not asked again before 2026-11-23T10:35:00Z"
    assert {str(each.unreachable["support-line"]) for each in reports} == {said}
    assert [each.at for each in world.chat.accepted] == [T0 + 600]
    assert world.chat.accepted[0].full_reason == said


def test_the_others_of_a_project_are_asked_while_one_of_its_queries_waits(world: World) -> None:
    world.configure(WIDE)
    world.readings.failing_queries[SPANISH] = LIMITED
    world.readings.retry_after = 600
    assert SPANISH in asked_at(world, T0)
    assert asked_at(world, T0 + MINUTE) == ["client_env=live"]


def test_once_a_query_is_answered_nothing_of_the_wait_is_left(world: World) -> None:
    limit(world, 90)
    world.check(T0)
    world.readings.failing.clear()
    assert world.check(T0 + MINUTE).unreachable
    assert not world.check(T0 + 2 * MINUTE).unreachable
    assert asked_at(world, T0 + 3 * MINUTE)


@pytest.mark.parametrize("retry_after", [3600, 86400, 1e9])
def test_no_query_waits_for_more_than_an_hour(world: World, retry_after: float) -> None:
    limit(world, retry_after)
    world.check(T0)
    assert asked_at(world, T0 + 3599) == []
    assert asked_at(world, T0 + 3600)


def test_a_wait_that_a_wrong_clock_wrote_holds_nobody(world: World) -> None:
    limit(world, 600)
    world.check(T0)
    document = asyncio.run(world.state.read("support-line"))
    assert document
    far = {key: replace(each, until=T0 + 7200) for key, each in document.waiting.items()}
    assert far
    asyncio.run(world.state.commit(replace(document, waiting=far)))
    assert asked_at(world, T0 + MINUTE)


def test_a_wait_is_stored_as_the_instant_of_its_end(world: World) -> None:
    limit(world, 600)
    world.check(T0)
    document = asyncio.run(world.state.read("support-line"))
    assert document
    assert list(document.waiting.values()) == [replace(LIMITED, until=T0 + 600)]


def test_an_edit_of_the_project_ends_the_wait(world: World) -> None:
    limit(world, 600)
    world.check(T0)
    world.configure(project(version=8))
    assert asked_at(world, T0 + MINUTE)
