"""The calls that a notice names are those that breach, and it says when they were."""

from __future__ import annotations

from headroom.domain.rules import Severity
from headroom.domain.windows import WINDOW
from tests.builders import T0, level, project, rule
from tests.support.world import World

MINUTE = 60
TWO_OF_THREE = rule(levels=(level(Severity.WARNING, 96),), needed=2, among=3)
"""Warning from 96 calls in two of three windows."""


def fill(world: World, *calls: int) -> None:
    """The windows that end with `T0`."""
    for back, peak in enumerate(reversed(calls)):
        world.calls(T0 - back * WINDOW, peak)


def test_a_calm_newest_window_does_not_stand_in_for_the_ones_that_breach(world: World) -> None:
    world.configure(project(rules=(TWO_OF_THREE,)))
    fill(world, 110, 100, 10)
    world.check(T0 + 7 * MINUTE)
    assert world.chat.lines == [
        "WARNING 100/120 calls (83%) at 10:00 UTC support-line near-limit",
    ]
    (fired,) = world.chat.accepted
    assert fired.value_at == T0 - WINDOW


def test_the_newest_of_several_that_breach_is_named_without_a_time(world: World) -> None:
    world.configure(project(rules=(TWO_OF_THREE,)))
    fill(world, 110, 10, 100)
    world.check(T0 + 7 * MINUTE)
    assert world.chat.lines == ["WARNING 100/120 calls (83%) support-line near-limit"]


def test_an_open_window_that_breaches_is_newer_than_the_one_that_fired(world: World) -> None:
    """Both are open around a boundary; the newer one is what the reader finds in Agent Studio."""
    world.check(T0 - 4 * MINUTE)
    world.calls(T0 - WINDOW, 115)
    world.calls(T0, 119)
    world.check(T0)
    assert world.chat.lines == ["CRITICAL 119/120 calls (99%) support-line near-limit"]


def test_a_reminder_names_calls_that_hold_the_alert(world: World) -> None:
    world.configure(
        project(rules=(rule(levels=TWO_OF_THREE.levels, needed=2, among=3, remind=300),))
    )
    fill(world, 110, 100)
    world.check(T0 + MINUTE)
    world.calls(T0 + WINDOW, 10)
    world.check(T0 + 12 * MINUTE)
    assert world.chat.lines[-1].startswith("STILL WARNING after 12 min 100/120 calls (83%)")


def test_a_dead_line_names_the_zero_that_fired_it(world: World) -> None:
    dead = level(Severity.CRITICAL, 0, condition="<= 0")
    world.configure(project(rules=(rule(name="dead-line", levels=(dead,), upper=False),)))
    fill(world, 50, 50, 0)
    world.calls(T0 + WINDOW, 3)
    world.check(T0 + 7 * MINUTE)
    assert world.chat.lines == ["CRITICAL 0/120 calls (0%) support-line dead-line"]
