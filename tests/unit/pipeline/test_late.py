"""Late data: what PolyAI publishes late takes effect as if it had been there, and is no silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from headroom.domain.rules import Missing
from headroom.domain.windows import WINDOW, Instant
from tests.builders import T0, level, project, query, rule, watch
from tests.support.world import World

MINUTE, HOUR = 60, 3600
Published = Callable[[Instant, Instant], bool]
DEAD = rule(
    name="dead-line",
    upper=False,
    needed=3,
    among=3,
    levels=(level(fires=0),),
    remind=None,
)
NEAR = rule(remind=None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A line of 50 calls, watched for hours, with a rule for too many calls and one for none."""
    made = World(tmp_path, project(rules=(NEAR, DEAD)))
    made.source.configuration = replace(made.source.configuration, late=900)
    for number in range(-80, 80):
        made.calls(T0 + number * WINDOW, 50)
    each_minute(made, range(-75, 0))
    assert told(made) == []
    return made


def each_minute(world: World, minutes: Iterable[int]) -> None:
    """Check at each of these minutes after `T0`, a few seconds late as checks are."""
    for minute in minutes:
        world.check(T0 + minute * MINUTE)


def told(world: World) -> list[str]:
    """The notices of the chat, without the times."""
    return [f"{each.kind} {each.severity} {each.rule}" for each in world.chat.accepted]


def after(seconds: int) -> Published:
    """Publish each window so long after its end."""
    return lambda window, now: now >= window + WINDOW + seconds


def stopped(from_minute: int, to_minute: int) -> Published:
    """Publish nothing new between two minutes after `T0`; then all at once."""
    first, last = T0 + from_minute * MINUTE, T0 + to_minute * MINUTE
    return lambda window, now: window + WINDOW <= first or now >= last


def raised(world: World, calls: int, minutes: range) -> None:
    """Let the line have so many calls in these minutes."""
    for minute in minutes:
        world.calls(T0 + minute // 5 * WINDOW, calls)


def test_a_line_over_its_limit_is_notified_at_once_though_its_windows_come_2_minutes_late(
    world: World,
) -> None:
    world.readings.published = after(120)
    raised(world, 180, range(90))
    each_minute(world, range(150))
    assert told(world) == ["fired critical near-limit", "resolved critical near-limit"]
    fired, resolved = world.chat.accepted
    assert fired.at == T0 + 7 * MINUTE
    assert (resolved.since, resolved.duration_seconds) == (T0, 90 * MINUTE)
    assert resolved.at == T0 + (90 + 7) * MINUTE


def test_a_firing_line_whose_newest_11_minutes_are_missing_is_not_resolved(world: World) -> None:
    raised(world, 118, range(300))
    each_minute(world, range(20))
    world.readings.published = stopped(20, 31)
    each_minute(world, range(20, 60))
    assert told(world) == ["fired critical near-limit"]


def test_data_that_is_20_minutes_late_is_unreachable_and_no_dead_line(world: World) -> None:
    world.readings.published = stopped(0, 21)
    each_minute(world, range(21))
    assert told(world) == ["fired warning unreachable"]
    (unreachable,) = world.chat.accepted
    assert unreachable.reason == "no data since 10:05 UTC"
    assert unreachable.at == T0 + 20 * MINUTE, "15 minutes after the end of what is missing"
    each_minute(world, range(21, 90))
    assert told(world) == ["fired warning unreachable", "resolved warning unreachable"]


def test_a_late_line_that_goes_on_does_not_say_that_it_fell_silent(world: World) -> None:
    world.readings.published = stopped(0, 21)
    each_minute(world, range(23))
    assert [(each.kind, each.reason) for each in world.chat.accepted] == [
        ("fired", "no data since 10:05 UTC"),
        ("resolved", ""),
    ]


@pytest.mark.parametrize("projects", [("support-line",), ("sales", "support-line")])
def test_a_line_whose_windows_come_a_minute_after_late_is_one_incident(
    world: World, projects: tuple[str, ...]
) -> None:
    world.configure(*[project(name=each, rules=(NEAR,)) for each in projects])
    for number in range(-80, 80):
        world.calls(T0 + number * WINDOW, 50, project="sales")
    world.readings.published = after(960)
    each_minute(world, range(20, 50))
    assert told(world) == ["fired warning unreachable"]
    world.readings.published = after(120)
    each_minute(world, range(50, 60))
    assert told(world) == ["fired warning unreachable", "resolved warning unreachable"]


def test_what_arrives_after_40_minutes_takes_effect_as_if_it_had_been_there(world: World) -> None:
    world.readings.published = stopped(0, 40)
    raised(world, 118, range(5, 15))
    raised(world, 0, range(15, 30))
    each_minute(world, range(60))
    assert told(world)[0] == "fired warning unreachable"
    assert sorted(told(world)[1:]) == [
        "missed critical dead-line",
        "missed critical near-limit",
        "resolved warning unreachable",
    ]
    dead = next(each for each in world.chat.accepted if each.rule == "dead-line")
    assert (dead.since, dead.duration_seconds) == (T0 + 25 * MINUTE, 5 * MINUTE)


def test_an_upward_correction_within_the_hour_is_notified_once(world: World) -> None:
    each_minute(world, range(31))
    raised(world, 119, range(5))
    each_minute(world, range(31, 120))
    assert told(world) == ["missed critical near-limit"]
    assert (world.chat.accepted[0].since, world.chat.accepted[0].peak) == (T0, 119)


def test_the_newest_closed_window_corrected_from_50_to_119_fires(world: World) -> None:
    each_minute(world, range(7))
    raised(world, 119, range(5))
    each_minute(world, range(7, 9))
    assert told(world) == ["fired critical near-limit"]
    each_minute(world, range(9, 30))
    assert told(world)[1:] == ["resolved critical near-limit"]


def test_a_correction_of_a_window_that_fires_already_still_escalates(world: World) -> None:
    raised(world, 100, range(30))
    each_minute(world, range(7))
    assert told(world) == ["fired warning near-limit"]
    raised(world, 119, range(5))
    world.check(T0 + 7 * MINUTE)
    assert told(world)[1:] == ["escalated critical near-limit"]


def test_a_correction_after_an_hour_or_before_the_project_was_there_is_history(
    world: World,
) -> None:
    each_minute(world, range(80))
    raised(world, 119, range(5))
    world.configure(project(rules=(NEAR, DEAD)), project(name="sales", rules=(NEAR,)))
    for minute in range(60):
        world.calls(T0 + minute // 5 * WINDOW, 119, project="sales")
    each_minute(world, range(80, 200))
    assert told(world) == []


def test_an_edit_makes_no_news_of_what_was_over_before_it_and_can_be_late_no_more(
    world: World,
) -> None:
    raised(world, 80, range(10))
    each_minute(world, range(30))
    stricter = rule(levels=(level(fires=70),), remind=None)
    world.configure(project(rules=(stricter,), version=2, changed=T0 + 30 * MINUTE + 20))
    each_minute(world, range(31, 100))
    assert told(world) == []


def test_an_edit_while_windows_are_late_loses_no_breach_that_arrives_after_it(
    world: World,
) -> None:
    raised(world, 119, range(10))
    world.readings.published = stopped(0, 14)
    each_minute(world, range(11))
    near = replace(NEAR, runbook="https://wiki.example.com/near")
    edited = project(rules=(near, DEAD), version=2, changed=T0 + 11 * MINUTE + 20)
    world.configure(edited)
    each_minute(world, range(11, 60))
    assert told(world) == ["fired critical near-limit", "resolved critical near-limit"]
    assert world.chat.accepted[0].at == T0 + 14 * MINUTE


def test_a_well_line_that_is_always_2_minutes_late_stores_nothing(world: World) -> None:
    world.readings.published = after(120)
    each_minute(world, range(10))
    marks = []
    for minute in range(10, 30):
        each_minute(world, [minute])
        loaded = world.load()
        assert loaded.documents == {}
        assert loaded.watermark is not None
        marks.append(loaded.watermark.version)
    assert marks[-1] - marks[0] == 4, "one write of the watermark for each window"


@pytest.mark.parametrize("late", [900, 2700])
def test_a_line_that_leaves_out_windows_without_calls_is_no_late_line(
    world: World, late: int
) -> None:
    world.source.configuration = replace(world.source.configuration, late=late)
    world.configure(project(rules=(NEAR,)))
    world.readings.published = lambda window, _: window % HOUR in (0, HOUR // 2)
    each_minute(world, range(180))
    assert told(world) == []


def test_another_answer_that_goes_on_shows_that_silence_is_silence(world: World) -> None:
    spanish = replace(DEAD, name="spanish", watches=(watch(query=query(language="es-ES")),))
    world.configure(project(rules=(NEAR, spanish)))
    world.readings.published_by[query(language="es-ES").key] = lambda window, _: window < T0
    each_minute(world, range(60))
    assert told(world) == ["fired critical spanish"]
    assert world.chat.accepted[0].at == T0 + (5 + 15) * MINUTE + 10 * MINUTE


def test_another_answer_that_stops_as_well_shows_silence_only_as_far_as_it_goes(
    world: World,
) -> None:
    asked = query(language="es-ES")
    world.configure(
        project(rules=(NEAR, replace(DEAD, name="spanish", watches=(watch(query=asked),))))
    )
    world.readings.published = stopped(5, 50)
    world.readings.published_by[asked.key] = stopped(0, 50)
    each_minute(world, range(90))
    assert told(world) == ["fired warning unreachable", "resolved warning unreachable"]
    assert world.chat.accepted[0].reason == "no data since 10:10 UTC"


def test_a_line_with_explicit_zeros_is_dead_after_its_for_and_settle(world: World) -> None:
    raised(world, 0, range(120))
    each_minute(world, range(60))
    assert told(world) == ["fired critical dead-line"]
    assert world.chat.accepted[0].at == T0 + (15 + 1) * MINUTE


def test_a_line_that_is_empty_for_the_whole_hour_has_no_calls(world: World) -> None:
    world.readings.published = lambda window, _: window < T0
    each_minute(world, range(80))
    assert told(world)[0] == "fired warning unreachable"
    assert sorted(told(world)[1:]) == [
        "escalated critical unreachable",
        "fired critical dead-line",
        "resolved critical unreachable",
    ]


def test_what_ends_by_an_hour_without_data_says_so(world: World) -> None:
    world.configure(project(rules=(replace(NEAR, remind=None),)))
    raised(world, 118, range(10))
    world.readings.published = lambda window, _: window < T0 + 10 * MINUTE
    each_minute(world, range(80))
    assert [each.summary for each in world.chat.accepted][-2:] == [
        "CLOSED (no data for 1 h: read as no calls) after 10 min support-line near-limit",
        "CLOSED (no data for 1 h) after 40 min support-line unreachable",
    ]


def test_an_open_window_that_is_counted_live_says_nothing_of_a_closed_one_that_is_late(
    world: World,
) -> None:
    raised(world, 118, range(60))
    world.readings.published = lambda window, now: not 0 <= now - window - WINDOW < 200
    each_minute(world, range(90))
    assert told(world) == ["fired critical near-limit", "resolved critical near-limit"]
    assert world.chat.accepted[-1].duration_seconds == 60 * MINUTE


def test_what_is_taken_for_no_calls_is_not_taken_for_lateness_as_time_goes_by(
    tmp_path: Path,
) -> None:
    seen = [T0 - minutes * MINUTE for minutes in (90, 20, 15, 10, 5, 0)]
    made = World(tmp_path, project(rules=(NEAR,)))
    made.source.configuration = replace(made.source.configuration, late=900)
    made.readings.published = lambda window, _: window in seen
    each_minute(made, range(7, 120))
    assert told(made) == []


@pytest.mark.parametrize(
    ("minutes_ago", "notified"), [(90, []), (130, ["fired warning unreachable"])]
)
def test_a_gap_before_the_newest_calls_shows_a_quiet_line_if_it_had_calls_in_the_hour_before(
    tmp_path: Path, minutes_ago: int, notified: list[str]
) -> None:
    """Otherwise it may be a new line, whose windows from its first call on are all there."""
    world = World(tmp_path, project(rules=(NEAR,)))
    world.source.configuration = replace(world.source.configuration, late=900)
    seen = [T0 - minutes * MINUTE for minutes in (minutes_ago, *range(0, 45, 5))]
    world.readings.published = lambda window, _: window in seen
    each_minute(world, range(7, 45))
    assert told(world) == notified


def test_a_new_line_without_any_reading_is_dead_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, project(rules=(DEAD,)))
    world.readings.published = lambda *_: False
    world.check(T0)
    assert told(world) == ["fired critical dead-line"]


def test_a_late_window_is_never_named_as_0_calls(world: World) -> None:
    world.configure(project(rules=(replace(NEAR, remind=10 * MINUTE),)))
    raised(world, 118, range(300))
    each_minute(world, range(12))
    world.readings.published = stopped(10, 40)
    each_minute(world, range(12, 24))
    reminder = world.chat.accepted[-1]
    assert reminder.kind == "reminder"
    assert reminder.value == 118
    late = [each for each in reminder.readings if each.time >= T0 + 10 * MINUTE]
    assert late
    assert all(each.value is None for each in late)
    assert [each.time for each in late if not each.open] == [T0 + 10 * MINUTE], "closed, and late"


def test_what_is_older_than_the_newest_window_that_closed_is_shown_with_its_time(
    world: World,
) -> None:
    world.configure(project(rules=(replace(NEAR, remind=10 * MINUTE),)))
    raised(world, 118, range(300))
    each_minute(world, range(12))
    world.readings.published = stopped(10, 70)
    each_minute(world, range(12, 41))
    reminders = [each for each in world.chat.accepted if each.kind == "reminder"]
    assert [each.dated for each in reminders] == [None, T0 + 300, T0 + 300, T0 + 300]
    assert "118/120 calls (98%) at 10:10 UTC" in reminders[-1].summary


def test_a_line_that_opened_within_the_hour_and_stops_is_late_and_not_without_calls(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, project(rules=(NEAR, DEAD)))
    for number in range(40):
        world.calls(T0 + number * WINDOW, 50)
    world.readings.published = lambda window, now: window >= T0 and stopped(30, 60)(window, now)
    each_minute(world, range(6, 90))
    assert told(world)[-2:] == ["fired warning unreachable", "resolved warning unreachable"]
    assert [each.rule for each in world.chat.accepted if each.at > T0 + 30 * MINUTE] == [
        "unreachable",
        "unreachable",
    ]


def test_missing_breach_waits_until_the_window_is_overdue(world: World) -> None:
    spanish = query(language="es-ES")
    strict = replace(NEAR, name="spanish", missing=Missing.BREACH, watches=(watch(query=spanish),))
    world.configure(project(rules=(NEAR, strict)))
    world.readings.published = world.readings.published_by[spanish.key] = stopped(0, 14)
    each_minute(world, range(30))
    assert told(world) == []
    world.readings.published_by[spanish.key] = lambda window, _: window < T0 + 30 * MINUTE
    each_minute(world, range(30, 60))
    assert told(world) == ["fired critical spanish"]
    assert world.chat.accepted[0].at == T0 + (30 + 5 + 15) * MINUTE


def test_an_upper_bound_fires_on_what_a_late_answer_has(world: World) -> None:
    raised(world, 118, range(-5, 0))
    world.readings.published = lambda window, _: window < T0
    world.check(T0 + 4 * MINUTE)
    assert told(world) == ["fired critical near-limit"]


def test_a_rule_that_is_taken_away_and_put_back_says_nothing_twice(world: World) -> None:
    """What was missed and what fired before the edit lies within `late`, and was notified."""
    there = world.source.configuration
    world.check(T0 - 4 * MINUTE)
    for window, calls in enumerate((118, 20, 118, 118, 118)):
        world.calls(T0 + window * WINDOW, calls)
    world.check(T0 + 17 * MINUTE)
    world.configure(project(rules=(rule(name="another", levels=(level(fires=500),)),), version=2))
    world.check(T0 + 18 * MINUTE)
    there = replace(there, projects={"support-line": project(version=3)})
    world.source.configuration = there
    world.check(T0 + 19 * MINUTE)
    ids = [each.id for each in world.chat.accepted]
    assert len(ids) == len(set(ids))
    assert world.chat.kinds == ["missed", "fired", "resolved", "fired"]


def test_an_answer_that_goes_on_again_says_nothing_yet_of_one_that_was_asked_before_it(
    world: World,
) -> None:
    """PolyAI publishes what was late between two requests of one check."""
    spanish = query(language="es-ES")
    strict = replace(NEAR, name="spanish", missing=Missing.BREACH, watches=(watch(query=spanish),))
    world.configure(project(rules=(NEAR, strict)))
    world.readings.published = stopped(0, 40)
    world.readings.published_by[spanish.key] = stopped(0, 41)
    each_minute(world, range(60))
    assert told(world) == ["fired warning unreachable", "resolved warning unreachable"]
