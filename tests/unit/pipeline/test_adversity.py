"""What DESIGN sections 4 to 6 promise when several things go wrong at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import pytest

from headroom.check import check
from headroom.config.configuration import Configuration
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Project, Severity
from headroom.domain.windows import WINDOW
from headroom.errors import BrokenCheck
from headroom.ports import Deadline
from headroom.state.sqlite import SqliteState
from tests.builders import T0, delivery_failure, failure, level, project, query, rule, watch
from tests.support.broken_store import broken
from tests.support.world import World, breach

MINUTE = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
REVOKED = delivery_failure("404 no_service", retryable=False)
SALES = Configuration({"sales": project(name="sales")}, fresh=False, unread="SSM: throttled")


def dead_line() -> Configuration:
    none = replace(level(), condition="<= 0", fires=0, holds=0, threshold=0.0)
    return Configuration(
        {"support-line": project(rules=(rule(name="dead-line", levels=(none,), upper=False),))}
    )


@pytest.mark.parametrize(
    "stale", [SALES, replace(SALES, projects={"support-line": project(version=0, rules=())})]
)
def test_a_listing_that_could_not_be_read_again_removes_nothing(
    world: World, stale: Configuration
) -> None:
    breach(world)
    world.source.cached = world.source.configuration = stale
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_a_stale_listing_forgets_no_project_that_cannot_be_read(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    whole = world.source.configuration
    world.readings.failing["support-line"] = failure(code=503, lasting=False)
    world.check(T0 + 2 * MINUTE)
    before = world.stored()
    world.source.configuration = world.source.cached = replace(SALES, unread="")
    world.check(T0 + 3 * MINUTE)
    world.source.configuration, world.source.cached = whole, None
    assert world.stored().failing_since == before.failing_since


def test_a_stale_listing_forgets_no_project_that_was_seen(world: World) -> None:
    world.configure(project(), project(name="sales"))
    world.check(T0 - 4 * MINUTE)
    world.source.cached = replace(world.source.configuration, fresh=False)
    world.source.cached = replace(world.source.cached, projects={"support-line": project()})
    world.check(T0 + 2 * MINUTE)
    world.source.cached = None
    world.calls(T0 + WINDOW, 118, "sales")
    world.check(T0 + 40 * MINUTE)
    assert world.chat.kinds == ["missed"]


def test_an_older_configuration_does_not_judge_what_a_newer_one_has(world: World) -> None:
    """Between this check's evaluation and its commit another one runs, with other thresholds."""
    newer = rule(levels=(level(Severity.CRITICAL, 130), level(Severity.WARNING, 110)))

    class Overtaken(SqliteState):
        overtaken = False

        async def commit(
            self, document: ProjectState, history: Sequence[Notice] = ()
        ) -> ProjectState:
            if not Overtaken.overtaken:
                Overtaken.overtaken = True
                world.configure(project(version=2, rules=(newer,)))
                store = SqliteState(world.path, clock=lambda: world.now)
                await check(replace(world.ports(), state=store), world.now, Deadline(lambda: 60.0))
            return await super().commit(document, history)

    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.state = Overtaken(world.path, clock=lambda: world.now)
    world.check(T0 + MINUTE)
    assert world.stored().config_version == 2
    assert (world.chat.lines, world.pager.lines) == (
        ["WARNING 118/120 calls (98%) support-line near-limit"],
        [],
    )


def test_a_check_of_an_earlier_moment_does_not_turn_back_what_a_later_one_found(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.readings.failing["support-line"] = failure()
    world.check(T0 + 2 * MINUTE)
    world.readings.failing.clear()
    world.check_as_of(T0 + MINUTE)
    assert world.chat.kinds == ["fired"]


def test_every_notice_of_a_flapping_alert_has_an_id_of_its_own(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    for minute in range(4):
        world.readings.failing = {"support-line": failure()} if minute % 2 == 0 else {}
        world.check(T0 + minute * MINUTE)
    assert world.chat.kinds == ["fired", "resolved"] * 2
    assert len({each.id for each in world.chat.accepted}) == 4


def test_an_edited_filter_closes_the_incident_and_the_next_one_is_another(world: World) -> None:
    breach(world)
    spanish = rule(watches=(watch(query=query(language="es-ES")),))
    world.configure(project(version=2, rules=(spanish,)))
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved", "fired"]
    assert len({each.id for each in world.chat.accepted}) == 3
    assert "what the rule watches was changed" in world.chat.accepted[1].reason


def test_one_notice_that_always_fails_starves_no_other_alert(world: World) -> None:
    world.configure(project(rules=(rule(), rule(name="zz-other"))))
    for window in range(40):
        world.calls(T0 + window * WINDOW, 118)
    world.check(T0 - 4 * MINUTE)
    world.chat.rejects = lambda notice: DOWN if notice.rule == "near-limit" else None
    for minute in range(1, 30):
        world.check(T0 + minute * MINUTE)
    assert {each.rule for each in world.chat.accepted} == {"zz-other"}


def test_a_channel_that_asked_to_wait_is_left_alone_by_every_project(world: World) -> None:
    world.configure(project(), project(name="sales"))
    world.check(T0 - 4 * MINUTE)
    world.chat.peek = world.clock
    world.chat.errors = [delivery_failure("429", retryable=True, retry_after=600)]
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.calls(T0, 118, "sales")
    for minute in range(2, 12):
        world.check(T0 + minute * MINUTE)
    assert world.chat.peeked[:2] == [T0 + MINUTE, T0 + 11 * MINUTE]


def test_a_bug_in_a_channel_is_a_failed_attempt_and_ends_in_the_dead_letters(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.chat.rejects = lambda _: ValueError("cannot render it")
    for minute in range(1, 25 * 60, 12):
        world.calls(T0 + minute * MINUTE // WINDOW * WINDOW, 118)
        world.calls(T0 + minute * MINUTE // WINDOW * WINDOW - WINDOW, 118)
        world.calls(T0 + minute * MINUTE // WINDOW * WINDOW - 2 * WINDOW, 118)
        with suppress(BrokenCheck):  # each check that tries reports it
            world.check(T0 + minute * MINUTE)
    assert world.dead_letters.letters[0][1] == "ops-slack"
    assert "broke: ValueError" in world.dead_letters.letters[0][2]


def test_each_period_of_refusals_has_its_own_report(world: World) -> None:
    for start in (T0, T0 + 36 * WINDOW):
        world.check(start - 4 * MINUTE)
        world.chat.errors = [REVOKED]
        world.calls(start, 118)
        for minute in range(1, 20):
            world.check(start + minute * MINUTE)
    assert [each.rule for each in world.default.accepted] == ["undeliverable"] * 3
    assert world.default.kinds == ["fired", "resolved", "fired"]


def test_a_project_that_headroom_breaks_on_is_reported_and_holds_no_other_back(
    world: World,
) -> None:
    world.configure(project(), project(name="sales"))
    world.check(T0 - 4 * MINUTE)
    world.readings.bugs["sales"] = RuntimeError("a bug in Headroom")
    for minute in range(25):
        with pytest.raises(BrokenCheck, match="broke"):
            world.check(T0 + minute * MINUTE)
    assert world.chat.lines == [
        "WARNING cannot read sales: Headroom broke on it: RuntimeError",
    ]
    loaded = world.load()
    assert loaded.watermark is not None
    assert loaded.watermark.window == T0 + 3 * WINDOW


@pytest.mark.parametrize("times", [1, 2])
def test_an_incident_that_an_edit_closed_fires_again_under_ids_of_its_own(
    world: World, times: int
) -> None:
    """Under the old ids, receivers of the end would discard the new notices as duplicates."""
    breach(world)
    rules = world.source.configuration.projects["support-line"].rules
    for again in range(times):
        world.configure(project(rules=(rule(name="other"),), version=2 + 2 * again))
        world.check(T0 + (2 + 2 * again) * MINUTE)
        world.configure(project(rules=rules, version=3 + 2 * again))
        world.check(T0 + (3 + 2 * again) * MINUTE)
    world.check(T0 + 12 * MINUTE)
    told = [each for each in world.chat.accepted if each.rule == "near-limit"]
    assert [each.kind for each in told] == ["fired", "resolved"] * (times + 1)
    incidents = [each.incident_id for each in told]
    assert incidents[::2] == incidents[1::2]
    assert len({each.id for each in told}) == len(told)


def test_an_incident_that_fired_again_keeps_its_id_to_its_end_hours_later(world: World) -> None:
    breach(world)
    before = world.source.configuration
    world.configure(project(rules=(rule(name="other"),), version=2))
    world.check(T0 + 2 * MINUTE)
    world.configure(replace(before.projects["support-line"], version=3))
    for minute in range(3, 6 * 60, 5):
        world.calls(T0 + minute * MINUTE // WINDOW * WINDOW, 118)
        world.check(T0 + minute * MINUTE)
    world.check(T0 + 7 * 60 * MINUTE)
    told = [each for each in world.chat.accepted if each.rule == "near-limit"]
    first, closed, *rest = told
    assert first.incident_id == closed.incident_id
    assert [each.kind for each in rest] == ["fired", "reminder", "resolved"]
    assert len({each.incident_id for each in rest} | {first.incident_id}) == 2


def test_an_incident_that_an_edit_closed_is_remembered_while_it_could_fire_again(
    world: World,
) -> None:
    """Longer than the hour that a quiet document has else."""
    breach(world)
    world.configure()
    for minute in range(2, 20):
        world.check(T0 + minute * MINUTE)
    kept = world.stored()
    assert kept.quiet
    assert kept.expires_at is not None
    assert kept.expires_at >= T0 + 4 * 60 * MINUTE


@pytest.mark.parametrize("fails", [False, True])
def test_a_first_read_that_fails_changes_no_firing_window(world: World, *, fails: bool) -> None:
    slow = rule(name="slow", needed=12, among=12)
    world.configure(project(rules=(rule(), slow)))
    for window in range(-8, 5):
        world.calls(T0 + window * WINDOW, 118)
    if fails:
        world.readings.failing["support-line"] = failure(code=503, lasting=False)
    world.check(T0 + MINUTE)
    world.readings.failing.clear()
    world.check(T0 + 2 * MINUTE)
    assert [each.since for each in world.chat.accepted] == [T0 - WINDOW]


def test_a_project_that_comes_back_is_new_and_gets_no_history(world: World) -> None:
    breach(world)
    there = world.source.configuration
    world.configure(project(name="sales"))
    for window in range(2, 20):
        world.calls(T0 + window * WINDOW, 118 if window < 10 else 0)
        world.check(T0 + window * WINDOW)
    world.source.configuration = there
    world.check(T0 + 20 * WINDOW)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_new_project_whose_first_read_fails_is_still_notified_of_what_is_wrong(
    world: World,
) -> None:
    world.source.configuration = dead_line()
    world.readings.failing["support-line"] = failure(code=503, lasting=False)
    world.check(T0 + MINUTE)
    world.readings.failing.clear()
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_a_new_project_whose_first_read_fails_gets_no_history_but_what_came_after(
    world: World,
) -> None:
    rules = (rule(needed=1, among=1), rule(name="slow", needed=6, among=6))
    world.configure(project(rules=rules))
    world.calls(T0 - 4 * WINDOW, 118)
    world.readings.failing["support-line"] = failure(code=503, lasting=False)
    world.check(T0 + MINUTE)
    world.calls(T0, 118)
    world.check(T0 + 6 * MINUTE)
    world.readings.failing.clear()
    world.check(T0 + 12 * MINUTE)
    assert [(each.kind, each.since) for each in world.chat.accepted] == [("missed", T0)]


def test_a_lower_version_beside_a_quiet_document_is_read_again_once(world: World) -> None:
    """A parameter that was deleted and created again starts with version 1."""
    world.configure(project(version=7))
    breach(world)
    world.check(T0 + 12 * MINUTE)
    assert world.stored().quiet
    world.configure(project(version=1))
    world.source.cached = replace(world.source.configuration, fresh=False)
    for minute in range(13, 30):
        world.check(T0 + minute * MINUTE)
    assert world.source.read_afresh == 1
    assert world.stored().config_version == 1


@pytest.mark.parametrize("edited", [(), (project(version=2, rules=(rule(name="other"),)),)])
def test_a_cached_listing_fires_nothing_that_an_edit_closed(
    world: World, edited: tuple[Project, ...]
) -> None:
    """Another instance of the function still has the removed project, or rule, in its cache."""
    world.configure(project(version=1))
    before = world.source.configuration
    breach(world)
    world.configure(*edited)
    world.check(T0 + 2 * MINUTE)
    told = list(world.chat.kinds)
    assert told[:2] == ["fired", "resolved"]
    world.source.cached = replace(before, fresh=False)
    for minute in range(3, 6):
        world.check(T0 + minute * MINUTE)
    assert world.chat.kinds == told
    assert world.source.read_afresh == 3
    world.source.cached = None
    assert world.check(T0 + 6 * MINUTE).problems == []


def test_a_project_that_is_gone_is_not_read_again_for_ever(world: World) -> None:
    breach(world)
    world.configure()
    world.check(T0 + 2 * MINUTE)
    world.source.cached = replace(world.source.configuration, fresh=False)
    for minute in range(3, 30):
        world.check(T0 + minute * MINUTE)
    assert world.source.read_afresh == 0


def test_a_new_project_that_cannot_be_stored_does_not_hold_the_watermark(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    broken(world, "commit")
    world.configure(project(), project(name="sales"))
    world.calls(T0, 118, "sales")
    world.check(T0 + 6 * MINUTE)
    loaded = world.load()
    assert loaded.watermark is not None
    assert (loaded.watermark.window, loaded.watermark.projects) == (T0, ("support-line",))


def test_however_long_a_channel_asks_to_wait_it_is_tried_within_24_hours(world: World) -> None:
    world.chat.errors = [delivery_failure("429", retryable=True, retry_after=10**7)]
    world.calls(T0 + 24 * 12 * WINDOW, 118)
    breach(world)
    world.check(T0 + 24 * 3600 + MINUTE)
    assert world.chat.kinds


def test_a_pager_that_may_have_been_notified_gets_the_resolve_whatever_came_after(
    world: World,
) -> None:
    closed = delivery_failure("connection refused", retryable=True)
    world.pager.errors = [DOWN, closed, closed]
    world.pager.down = closed
    breach(world)
    for minute in range(2, 12):
        world.check(T0 + minute * MINUTE)
    world.pager.down = None
    world.check(T0 + 60 * MINUTE)
    assert world.pager.kinds == ["resolved"]


def test_a_long_incident_is_reminded_of_every_4_hours_and_12_times_at_most(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    for window in range(60 * 12):
        world.calls(T0 + window * WINDOW, 118)
    for hour in range(60):
        world.check(T0 + hour * 3600 + MINUTE)
    assert world.chat.kinds == ["fired"] + ["reminder"] * 12
    gaps = [late.at - early.at for early, late in pairwise(world.chat.accepted)]
    assert gaps == [4 * 3600] * 12


def test_a_project_that_cannot_be_read_is_reminded_of_too(world: World) -> None:
    world.check(T0)
    world.readings.failing["support-line"] = failure()
    for hour in range(1, 8):
        world.check(T0 + hour * 3600)
    assert world.chat.kinds == ["fired", "escalated", "reminder"]


def test_among_several_failures_the_lasting_one_is_reported(world: World) -> None:
    spanish = watch(query=query(language="es-ES"), series="es-ES", label="es-ES")
    world.configure(project(rules=(rule(), rule(name="spanish", watches=(spanish,)))))
    world.check(T0)
    world.readings.failing_queries = {
        query().key: failure(code=503, detail="busy", lasting=False),
        spanish.query.key: failure(code=400, detail="no such language", lasting=True),
    }
    world.check(T0 + MINUTE)
    assert world.chat.lines == ["WARNING cannot read support-line: 400 no such language"]


def test_a_series_that_is_watched_no_more_closes_and_says_so(world: World) -> None:
    watches = [
        watch(query=query(language=name), series=name, label=name) for name in ("es-ES", "es-MX")
    ]
    world.configure(project(rules=(rule(watches=tuple(watches)),)))
    breach(world)
    world.configure(project(version=2, rules=(rule(watches=(watches[0],)),)))
    world.check(T0 + 2 * MINUTE)
    assert world.chat.lines[2:] == [
        "CLOSED (series removed) after 2 min support-line near-limit es-MX"
    ]


def test_one_query_that_fails_leaves_the_others_alone(world: World) -> None:
    """Failure, watermark and catching up are per query."""
    spanish = rule(name="spanish", watches=(watch(query=query(language="es-ES")),))
    world.configure(project(rules=(rule(), spanish)))
    world.check(T0 - 4 * MINUTE)
    world.readings.failing_queries = {
        spanish.watches[0].query.key: failure(code=500, lasting=False)
    }
    world.calls(T0, 118)
    for minute in range(1, 22):
        world.check(T0 + minute * MINUTE)
    assert [(each.rule, each.kind.value) for each in world.chat.accepted] == [
        ("near-limit", "fired"),
        ("near-limit", "resolved"),
        ("unreachable", "fired"),
    ]
    assert world.stored().behind == {spanish.watches[0].query.key: T0 - 2 * WINDOW}
    world.readings.failing_queries = {}
    world.check(T0 + 22 * MINUTE)
    assert [(each.rule, each.kind.value) for each in world.chat.accepted[3:]] == [
        ("spanish", "missed"),
        ("unreachable", "resolved"),
    ]
