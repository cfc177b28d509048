"""Open windows are counted live while closed ones come late, or out of order: the notices then."""

from __future__ import annotations

from dataclasses import replace

from headroom.domain.rules import Missing, Severity
from headroom.domain.windows import WINDOW
from tests.builders import T0, delivery_failure, failure, level, project, rule
from tests.support.world import World
from tests.unit.pipeline.test_late import (
    DEAD,
    HOUR,
    MINUTE,
    NEAR,
    Published,
    each_minute,
    raised,
    stopped,
    told,
    world,
)

__all__ = ["world"]  # a fixture, for pytest
DOWN = delivery_failure("no connection", retryable=True, channel_at_fault=True)
DOWN_FROM_CRITICAL = [
    "fired warning near-limit",
    "escalated critical near-limit",
    "eased warning near-limit",
    "resolved critical near-limit",
]


def live(seconds: int) -> Published:
    """Count windows while they are open; once closed they are hidden for so many seconds."""
    return lambda window, now: not 0 <= now - window - WINDOW < seconds


def critical_and_over_in_late_data(world: World) -> None:
    """A warning with its notice, then critical for ten minutes, then over, both seen at once."""
    raised(world, 100, range(10))
    raised(world, 119, range(10, 20))
    each_minute(world, range(7))
    world.readings.published = stopped(10, 26)
    each_minute(world, range(7, 40))


def test_an_ignored_window_says_nothing_although_the_next_is_counted_already(world: World) -> None:
    """Else what fires would resolve, and fire again, with every window."""
    world.configure(project(rules=(replace(NEAR, missing=Missing.IGNORE),)))
    raised(world, 118, range(60))
    world.readings.published = live(400)
    each_minute(world, range(90))
    assert told(world) == ["fired critical near-limit", "resolved critical near-limit"]


def test_a_dead_line_fires_once_although_its_closed_windows_come_late(world: World) -> None:
    world.configure(project(rules=(replace(DEAD, needed=1, among=1, missing=Missing.IGNORE),)))
    raised(world, 0, range(60))
    world.readings.published = live(400)
    each_minute(world, range(-9, 40))
    assert told(world) == ["fired critical dead-line"]


def test_an_open_window_escalates_at_once_although_older_ones_are_late(world: World) -> None:
    raised(world, 100, range(-30, 0))
    raised(world, 119, range(60))
    world.readings.published = live(840)
    each_minute(world, range(-25, 30))
    assert world.pager.accepted[0].at <= T0 + MINUTE


def test_nothing_is_eased_while_an_open_window_is_as_severe(world: World) -> None:
    raised(world, 118, range(-10, 5))
    raised(world, 100, range(5, 10))
    raised(world, 119, range(10, 60))
    world.readings.published = live(340)
    each_minute(world, range(-9, 40))
    assert told(world) == ["fired critical near-limit"]


def test_missing_breach_fires_by_an_open_window_although_an_older_one_is_late(
    world: World,
) -> None:
    world.configure(project(rules=(replace(NEAR, missing=Missing.BREACH),)))
    raised(world, 118, range(60))
    world.readings.published = live(840)
    each_minute(world, range(-4, 30))
    assert world.pager.accepted[0].at <= T0 + MINUTE


def test_a_breach_before_the_window_that_fired_is_notified_once_and_by_itself(world: World) -> None:
    raised(world, 119, range(5))
    raised(world, 20, range(5, 10))
    raised(world, 100, range(10, 20))
    late = {T0: T0 + 13 * MINUTE, T0 + WINDOW: T0 + 16 * MINUTE}
    world.readings.published = lambda window, now: now >= late.get(window, window)
    each_minute(world, range(6, 60))
    assert told(world) == [
        "fired warning near-limit",
        "missed critical near-limit",
        "resolved warning near-limit",
    ]
    assert [each.peak for each in world.chat.accepted] == [100, 119, 100]


def test_an_alert_that_was_critical_between_two_checks_is_notified_and_eased(world: World) -> None:
    """The warning was notified before, and goes on after it."""
    raised(world, 100, range(35))
    raised(world, 119, range(10, 20))
    each_minute(world, range(7))
    world.readings.published = stopped(10, 26)
    each_minute(world, range(7, 60))
    assert told(world) == DOWN_FROM_CRITICAL
    assert world.chat.accepted[1].summary.startswith("CRITICAL 119/120 calls (99%)")


def test_a_second_time_that_was_critical_between_two_checks_is_notified_too(world: World) -> None:
    raised(world, 119, range(-5, 0))
    raised(world, 100, range(35))
    raised(world, 119, range(10, 20))
    each_minute(world, range(-4, 10))
    world.readings.published = stopped(10, 26)
    each_minute(world, range(10, 60))
    assert [each.severity for each in world.chat.accepted] == [
        "critical",
        "warning",
        "critical",
        "warning",
        "critical",
    ]


def test_an_alert_that_was_critical_before_it_ended_reaches_the_channels_of_critical(
    world: World,
) -> None:
    """As `missed`: channels notified of a warning get the end alone, and no pager is called."""
    routing = {Severity.WARNING: ("ops-slack",), Severity.CRITICAL: ("default", "on-call")}
    world.configure(project(rules=(NEAR,), routing=routing))
    critical_and_over_in_late_data(world)
    assert world.chat.kinds == ["fired", "resolved"]
    assert [(each.kind, each.severity, each.peak) for each in world.default.accepted] == [
        ("missed", "critical", 119)
    ]
    assert world.pager.kinds == []


def test_a_correction_to_critical_is_notified_whichever_minute_it_comes_in(world: World) -> None:
    raised(world, 100, range(60))
    each_minute(world, range(31))
    raised(world, 119, range(10, 15))
    each_minute(world, range(31, 75))
    assert told(world) == DOWN_FROM_CRITICAL


def test_a_line_with_one_call_in_hours_wakes_nobody(world: World) -> None:
    """A call that spans two windows, where windows without calls are left out."""
    world.configure(project(rules=(NEAR,)))
    calls = [T0 + hour * HOUR + minute * MINUTE for hour in (0, 3, 6) for minute in (0, 5)]
    world.readings.published = lambda window, now: window in calls and now >= window + WINDOW
    each_minute(world, range(-240, 480))
    assert [each for each in world.chat.accepted if each.at > T0] == []
    assert world.pager.accepted == []


def test_the_first_word_names_calls_that_breach_though_a_reminder_was_due_since(
    world: World,
) -> None:
    near = rule(levels=(level(fires=114, holds=108),), remind=10 * MINUTE)
    world.configure(project(rules=(near,)))
    world.chat.down = DOWN
    raised(world, 119, range(5))
    raised(world, 110, range(5, 100))
    each_minute(world, range(11))
    world.chat.down = None
    each_minute(world, range(11, 13))
    (first,) = world.chat.accepted
    assert (first.kind, first.value) == ("fired", 119)


def test_an_end_because_all_readings_are_gone_does_not_say_that_they_can_be_read(
    world: World,
) -> None:
    world.configure(project(rules=(NEAR,)))
    world.readings.published = stopped(0, 10_000)
    each_minute(world, range(40))
    world.readings.published = lambda *_: False
    each_minute(world, range(40, 50))
    assert world.chat.lines[-1].startswith("CLOSED (no data for 1 h)")


def test_a_channel_notified_of_the_beginning_gets_resolved_and_not_missed(world: World) -> None:
    routing = {Severity.WARNING: ("default",), Severity.CRITICAL: ("default", "on-call")}
    world.configure(project(rules=(NEAR,), routing=routing))
    critical_and_over_in_late_data(world)
    assert world.default.kinds == ["fired", "resolved"]


def test_an_incident_that_was_notified_as_critical_is_not_missed_when_it_is_critical_again(
    world: World,
) -> None:
    """The second time is over when it is seen; the channels of critical are others by then."""
    world.configure(project(rules=(NEAR,)))
    for calls, minutes in ((100, range(30)), (119, range(5, 10)), (119, range(20, 25))):
        raised(world, calls, minutes)
    each_minute(world, range(17))
    channels = {Severity.WARNING: ("ops-slack",), Severity.CRITICAL: ("default",)}
    world.configure(project(rules=(NEAR,), routing=channels))
    world.readings.published = stopped(20, 36)
    each_minute(world, range(17, 50))
    assert world.chat.kinds == ["fired", "escalated", "eased", "resolved"]
    assert world.default.kinds == []


def test_a_missed_that_people_got_goes_to_default_no_second_time(world: World) -> None:
    """The pager is down, and would have been the only channel of the warning."""
    routing = {Severity.WARNING: ("on-call",), Severity.CRITICAL: ("on-call", "ops-slack")}
    world.configure(project(rules=(NEAR,), routing=routing))
    world.pager.down = DOWN
    critical_and_over_in_late_data(world)
    assert (world.chat.kinds, world.default.kinds) == (["missed"], [])


def test_a_critical_alert_after_a_project_was_added_is_notified_though_its_query_failed_then(
    world: World,
) -> None:
    world.configure(project(name="sales", rules=(NEAR,)))
    world.readings.failing["sales"] = failure(code=503, lasting=False)
    for minute in range(-60, 60):
        calls = 50 if minute < 5 else 119 if minute < 15 else 100
        world.calls(T0 + minute // 5 * WINDOW, calls, "sales")
    each_minute(world, range(27))
    del world.readings.failing["sales"]
    each_minute(world, range(27, 40))
    assert "fired" in world.pager.kinds


def test_a_line_that_is_critical_by_its_open_window_is_not_eased_by_an_older_one(
    world: World,
) -> None:
    """It was critical before as well: the newest window gave the severity."""
    for calls, minutes in (
        (100, range(5)),
        (119, range(5, 10)),
        (100, range(10, 20)),
        (119, range(20, 60)),
    ):
        raised(world, calls, minutes)
    at = {minute: T0 + minute * MINUTE for minute in (0, 5, 10, 15, 20, 21, 25, 27, 31)}

    def published(window: int, now: int) -> bool:
        if window in (at[5], at[10]):
            return now >= at[21]
        if window == at[15]:
            return now >= at[27]
        if window == at[20]:
            return at[21] <= now < at[25] or now >= at[31]
        return window <= at[0] or now >= window + WINDOW + 6 * MINUTE

    world.readings.published = published
    each_minute(world, range(6, 60))
    assert world.pager.kinds == ["escalated"]
