"""A check whose time runs out: who was reached, who was not, and what is still pending."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from headroom.domain.reasons import Details, Reason
from headroom.domain.windows import WINDOW
from tests.builders import T0, delivery_failure, project, query, renamed, rule, watch
from tests.support.broken_store import losing, out_of_time
from tests.support.world import World

MINUTE = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
CLOSED_DOOR = delivery_failure("connection refused", retryable=True)
WIDE = project(
    name="a-wide-line",
    rules=(
        rule(),
        rule(name="spanish", watches=(watch(query=query(language="es-ES"), series="es-ES"),)),
    ),
)


def test_a_project_of_which_some_was_asked_keeps_its_place_to_no_other(world: World) -> None:
    """What found no time has failed, by itself, and is caught up on; the next one begins."""
    world.configure(WIDE, renamed(WIDE, "support-line"))
    world.check(T0)
    world.readings.asked.clear()
    world.readings.limit = 1
    cut = world.check(T0 + WINDOW + MINUTE)
    assert cut.unreachable == {
        "a-wide-line": Reason("the check had no time left to ask PolyAI", Details(code="unasked")),
        "support-line": Reason("not reached, the check's time ran out"),
    }
    world.readings.limit = 100
    world.readings.asked.clear()
    world.check(T0 + WINDOW + 2 * MINUTE)
    assert world.readings.asked[0].startswith("support-line")


def test_a_project_that_is_never_reached_is_reported_as_unreachable(world: World) -> None:
    world.configure(WIDE)
    world.check(T0)
    for minute in range(1, 15):
        world.readings.asked.clear()
        world.readings.limit = 1
        world.check(T0 + minute * MINUTE)
    assert world.chat.lines == [
        "WARNING cannot read a-wide-line: the check had no time left to ask PolyAI"
    ]


@pytest.mark.parametrize("trouble", [out_of_time, losing("commit")])
def test_a_projects_notices_count_as_pending_though_its_check_failed(
    world: World, trouble: Callable[[World], None]
) -> None:
    world.calls(T0, 118)
    world.chat.down = world.pager.down = DOWN
    world.check(T0 + 10)
    trouble(world)
    report = world.check(T0 + 30 * MINUTE + 10)
    assert report.unreachable.keys() == {"support-line"}
    assert (report.pending, report.oldest_pending_seconds) == (2, 30 * MINUTE)


def test_a_projects_pending_notices_are_sent_though_it_is_not_reached(world: World) -> None:
    world.calls(T0, 118)
    world.pager.errors = [DOWN]
    world.check(T0 + 10)
    world.readings.limit = 0
    world.check(T0 + MINUTE)
    assert world.pager.kinds == ["fired"]


def test_where_time_is_always_short_each_query_has_its_turn(world: World) -> None:
    world.configure(WIDE)
    world.check(T0)
    asked: set[str] = set()
    for window in range(1, 7):
        world.readings.asked.clear()
        world.readings.limit = 1
        world.check(T0 + window * WINDOW + MINUTE)
        asked.update(world.readings.asked)
    assert len(asked) == 2


@pytest.mark.parametrize("reached", [True, False])
def test_no_window_is_lost_of_a_project_whose_last_notice_is_sent_while_it_is_not_reached(
    world: World, *, reached: bool
) -> None:
    """Its document is quiet then, and follows the shard's watermark: which has to wait for it."""
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.chat.down = CLOSED_DOOR
    world.check(T0 + 2 * WINDOW + MINUTE)
    world.chat.down = None
    world.calls(T0 + 3 * WINDOW, 119)
    world.readings.limit = 10_000 if reached else 0
    world.check(T0 + 4 * WINDOW + 90)
    world.readings.limit = 10_000
    world.calls(T0 + 4 * WINDOW, 0)
    for minute in range(3, 12):
        world.check(T0 + 4 * WINDOW + minute * MINUTE)
    assert world.chat.kinds[:2] == ["fired", "resolved"]
    assert set(world.chat.kinds[2:]) & {"fired", "missed"}
