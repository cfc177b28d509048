"""DESIGN section 6: only problems are stored, and what happens when checks meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from headroom.config.configuration import Configuration
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.watermark import Watermark
from headroom.domain.windows import WINDOW
from headroom.errors import BrokenCheck, LostRace
from headroom.state.sqlite import SqliteState
from tests.builders import T0, delivery_failure, failure, invalid_project, project, rule
from tests.support.broken_store import broken
from tests.support.world import World

MINUTE = 60
SETTLED = WINDOW + MINUTE


def stored(world: World, name: str = "support-line") -> ProjectState | None:
    return world.load().documents.get(name)


def mark(world: World) -> int:
    watermark = world.load().watermark
    assert watermark is not None
    return watermark.window


def test_a_project_that_is_well_has_no_document(world: World) -> None:
    for minute in range(30):
        world.check(T0 + minute * MINUTE)
    assert stored(world) is None
    assert mark(world) == T0 + 4 * WINDOW


def test_the_watermark_moves_only_when_a_window_closed(world: World) -> None:
    class Counting(SqliteState):
        moves = 0

        async def move(self, watermark: Watermark) -> bool:
            Counting.moves += 1
            return await super().move(watermark)

    world.state = Counting(world.path, clock=lambda: world.now)
    for minute in range(1, 11):
        world.check(T0 + minute * MINUTE)
    assert Counting.moves == 2


def test_a_document_goes_quiet_stays_while_its_windows_are_judged_again_and_expires(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.check(T0 + 11 * MINUTE)
    quiet = stored(world)
    assert quiet is not None
    assert quiet.quiet
    world.check(T0 + 12 * MINUTE)
    assert stored(world) == quiet, "for an hour an upward correction would tell of it again"
    world.check(T0 + 71 * MINUTE)  # moves the watermark an hour past the window that ended it
    world.check(T0 + 72 * MINUTE)
    expiring = stored(world)
    assert expiring is not None
    assert expiring.expires_at == T0 + 72 * MINUTE + 3600


def test_a_quiet_document_that_breaks_again_loses_its_expiry(world: World) -> None:
    test_a_document_goes_quiet_stays_while_its_windows_are_judged_again_and_expires(world)
    world.calls(T0 + 15 * WINDOW, 118)
    world.check(T0 + 15 * WINDOW)
    again = stored(world)
    assert again is not None
    assert again.expires_at is None
    assert world.chat.kinds == ["fired", "resolved", "fired"]


def test_a_slow_check_that_saw_no_document_loses_the_race_and_evaluates_again(
    world: World,
) -> None:
    """Another check commits between this one's load and its commit."""

    class Overtaken(SqliteState):
        passed = False

        async def commit(
            self, document: ProjectState, history: Sequence[Notice] = ()
        ) -> ProjectState:
            if not Overtaken.passed:
                Overtaken.passed = True
                await super().commit(document, history)
                raise LostRace("another check was first")
            return await super().commit(document, history)

    world.check(T0 - 4 * MINUTE)
    world.state = Overtaken(world.path, clock=lambda: world.now)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    assert world.chat.kinds == [], "the other check holds the lease"
    world.check(T0 + 4 * MINUTE)
    assert world.chat.kinds == ["fired"]


@pytest.mark.parametrize(("lost", "told"), [(1, ["fired"]), (2, [])])
def test_a_lost_race_is_tried_again_once_and_then_left_to_the_next_check(
    world: World, lost: int, told: list[str]
) -> None:
    world.check(T0 - 4 * MINUTE)
    broken(world).races = ("support-line", range(1, 1 + lost))
    world.calls(T0, 118)
    report = world.check(T0 + MINUTE)
    assert world.chat.kinds == told
    assert any("lost the race" in each for each in report.problems) == (not told)
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_the_watermark_waits_for_a_project_that_broke_in_both_tries(world: World) -> None:
    """What would be reported of it breaks as well: its windows are judged once that is fixed."""

    class Buggy(SqliteState):
        async def commit(self, *_: object) -> ProjectState:
            raise ZeroDivisionError("a slip of ours")

    world.check(T0 + SETTLED)
    well, world.state = world.state, Buggy(world.path, clock=lambda: world.now)
    world.calls(T0 + WINDOW, 118)
    with pytest.raises(BrokenCheck):
        world.check(T0 + WINDOW + SETTLED)
    assert mark(world) == T0
    world.state = well
    world.check(T0 + 2 * WINDOW + SETTLED)
    assert world.chat.kinds == ["missed"]


def test_the_watermark_waits_for_a_quiet_project_that_could_not_be_stored(world: World) -> None:
    world.check(T0 + SETTLED)
    well = world.state
    broken(world, "commit")
    world.calls(T0 + WINDOW, 118)
    report = world.check(T0 + WINDOW + SETTLED)
    assert any("throttled" in each for each in report.problems)
    assert mark(world) == T0
    world.state = well
    world.check(T0 + WINDOW + SETTLED + MINUTE)
    assert (mark(world), world.chat.kinds) == (T0 + WINDOW, ["fired"])


def test_a_project_that_cannot_be_read_keeps_its_own_watermark_and_catches_up(
    world: World,
) -> None:
    other = project(name="sales")
    world.configure(project(), other)
    world.check(T0 + SETTLED)
    world.readings.failing["support-line"] = failure(code=500, detail="sorry", lasting=False)
    world.calls(T0 + 2 * WINDOW, 118)
    for minute in range(1, 60):
        world.check(T0 + SETTLED + minute * MINUTE)
    assert mark(world) > T0 + 2 * WINDOW
    assert [line.split(":")[0] for line in world.chat.lines] == [
        "WARNING cannot read support-line",
        "CRITICAL cannot read support-line",
    ]
    del world.readings.failing["support-line"]
    world.check()
    assert world.chat.lines[2:] == [
        "MISSED CRITICAL 5 min peak 118/120 (98%) support-line near-limit",
        "RESOLVED after 58 min support-line can be read again",
    ]


@pytest.mark.parametrize(("code", "lasting", "minutes"), [(401, True, 0), (503, False, 10)])
def test_unreachable_fires_at_once_or_after_10_minutes_and_is_critical_after_30(
    world: World, *, code: int, lasting: bool, minutes: int
) -> None:
    world.check(T0)
    world.readings.failing["support-line"] = failure(code=code, lasting=lasting)
    for minute in range(1, 40):
        world.check(T0 + minute * MINUTE)
    times = [(each.at - T0) // MINUTE for each in world.chat.accepted]
    assert times == [1 + minutes, 31]
    assert [each.severity.value for each in world.chat.accepted] == ["warning", "critical"]


def test_an_invalid_configuration_is_notified_once_and_others_go_on(world: World) -> None:
    world.configure(project(name="sales"), invalid={"support-line": invalid_project()})
    world.calls(T0, 118, "sales")
    for minute in range(-4, 10):
        world.check(T0 + minute * MINUTE)
    assert [each.rule for each in world.default.accepted] == ["config"]
    assert world.chat.kinds == ["fired"]
    world.configure(project(), project(name="sales"))
    world.check()
    assert world.default.lines[1] == "RESOLVED after 13 min support-line config is valid again"


def test_a_firing_incident_survives_a_broken_configuration(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.configure(invalid={"support-line": invalid_project()})
    world.calls(T0 + WINDOW, 118)
    world.check(T0 + 8 * MINUTE)
    world.configure(project())
    world.check(T0 + 25 * MINUTE)
    assert world.chat.lines[-1] == "RESOLVED after 10 min support-line near-limit"


def test_a_removed_project_closes_its_incident_and_says_why(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.configure(project(name="sales"))
    world.check(T0 + 2 * MINUTE)
    assert world.chat.lines[1] == "CLOSED (project removed) after 2 min support-line near-limit"


def test_a_removal_is_believed_only_from_a_fresh_listing(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.source.cached = Configuration({}, fresh=False)
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_a_document_judged_by_a_newer_configuration_makes_a_check_read_again(
    world: World,
) -> None:
    world.configure(project(version=7))
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    old = project(version=6, rules=(rule(name="as-it-was"),))
    world.source.cached = Configuration({old.name: old}, fresh=False)
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_removed_rules_close_their_incidents(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.configure(replace(project(), rules=(rule(name="another", levels=rule().levels[1:]),)))
    world.check(T0 + 2 * MINUTE)
    assert "CLOSED (rule removed) after 2 min support-line near-limit" in world.chat.lines


def test_a_new_project_notifies_what_is_wrong_already_and_no_history(world: World) -> None:
    world.check(T0 + 60 * MINUTE)
    for back in range(4, 12):
        world.calls(T0 + 12 * WINDOW - back * WINDOW, 118, "sales")
    world.calls(T0 + 11 * WINDOW, 119, "sales")
    world.configure(project(), project(name="sales"))
    world.check(T0 + 61 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_projects_that_were_not_reached_are_the_first_next_time(world: World) -> None:
    names = [f"line-{number}" for number in range(6)]
    world.configure(*(project(name=name) for name in names))
    world.check(T0 + SETTLED)
    world.readings.asked.clear()
    world.now = T0 + WINDOW + SETTLED
    world.readings.limit = 4
    world.check()
    assert mark(world) == T0
    world.readings.limit = 100
    world.readings.asked.clear()
    world.check(T0 + WINDOW + SETTLED + MINUTE)
    assert [each.split()[0] for each in world.readings.asked] == names[4:] + names[:4]
    assert mark(world) == T0 + WINDOW


def test_one_project_that_breaks_unexpectedly_stops_no_other_and_is_not_hidden(
    world: World,
) -> None:
    world.configure(project(), project(name="sales"))
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.readings.bugs["sales"] = ZeroDivisionError("a bug in Headroom")
    with pytest.raises(BrokenCheck, match="broke"):
        world.check(T0 + MINUTE)
    assert world.chat.kinds == ["fired"]


def test_an_invalid_stored_document_stops_no_other_project(world: World) -> None:
    world.configure(project(), project(name="sales"))
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118, "sales")
    world.check(T0 + MINUTE)
    world.sql("UPDATE documents SET body = '{'")
    world.calls(T0, 118)
    report = world.check(T0 + SETTLED + MINUTE)
    assert any(line.endswith("support-line near-limit") for line in world.chat.lines[1:])
    assert "is invalid" in str(report.unreachable["sales"])
    assert mark(world) == T0


@pytest.mark.parametrize("down", [None, delivery_failure("503", retryable=True)])
def test_what_was_while_a_project_was_removed_is_history(
    world: World, down: DeliveryFailure | None
) -> None:
    """Whether its end could be sent meanwhile or not."""
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    there = world.source.configuration
    world.chat.down = down
    world.configure(project(name="sales"))
    for window in range(1, 40):
        world.calls(T0 + window * WINDOW, 118 if window == 20 else 0)
        world.check(T0 + window * WINDOW + MINUTE)
    world.chat.down = None
    world.source.configuration = there
    for minute in range(30):
        world.check(T0 + 40 * WINDOW + minute * MINUTE)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_new_project_keeps_its_place_while_the_watermark_waits(world: World) -> None:
    """Its quiet document says how far it came; the shard's list of projects does not know it."""
    world.configure(project(name="zz-sales"))
    world.check(T0 - 4 * MINUTE)
    broken(world, "move")
    world.configure(project(), project(name="zz-sales"))
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.check(T0 + 12 * MINUTE)
    world.calls(T0 + 4 * WINDOW, 118)
    world.check(T0 + 9 * WINDOW)
    assert world.chat.kinds == ["fired", "resolved", "missed"]


def test_what_fires_again_of_a_project_that_was_put_back_is_a_new_incident(world: World) -> None:
    """Other numbers find it again in windows that were judged before the removal."""
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.check(T0 + 11 * MINUTE)
    world.configure()
    world.check(T0 + 12 * MINUTE)
    world.configure(project(version=2, rules=(rule(needed=1, among=6),)))
    world.check(T0 + 13 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved", "fired"]
    assert len({each.incident_id for each in world.chat.accepted}) == 2
