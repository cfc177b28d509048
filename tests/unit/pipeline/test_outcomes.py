"""What a try leaves behind: written down, or not for want of a table or of time, or given up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Notice
from headroom.domain.readings import WHOLE, Answer
from headroom.domain.windows import WINDOW, Instant
from headroom.errors import BrokenCheck
from headroom.pipeline.outcomes import ProjectOutcome, joined
from headroom.pipeline.report import Report
from tests.builders import T0, delivery_failure, document, notice, pending, project, rule
from tests.support.broken_store import Forgetful
from tests.support.world import FakeReadings, World

MINUTE = 60
DAY = 24 * 60 * MINUTE
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)


def alerts(world: World, names: Iterable[str], peak: int) -> None:
    """So many alerts fire in the check that comes next."""
    world.configure(project(rules=tuple(rule(name=name) for name in names)))
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, peak)


def test_once_a_record_failed_what_was_not_tried_is_left_to_its_leases_end(world: World) -> None:
    """A table that is down is not asked again for each notice that waits."""
    alerts(world, "abc", 100)
    world.state = state = Forgetful(world, "ops-slack")
    world.check(T0 + MINUTE)
    assert (state.asked, [each.rule for each in world.chat.accepted]) == (["ops-slack"], ["a"])
    state.channels = ()
    world.check(T0 + 2 * MINUTE)
    assert len(world.chat.accepted) == 1, "the leases have not run out"
    world.check(T0 + 3 * MINUTE)
    assert sorted(each.rule for each in world.chat.accepted) == ["a", "a", "b", "c"]
    assert len({each.id for each in world.chat.accepted}) == 3


def test_once_a_failure_could_not_be_recorded_nothing_more_is_sent_there(world: World) -> None:
    """The order would be unknown."""
    alerts(world, "abc", 100)
    world.state = Forgetful(world, "ops-slack")
    tried: list[str] = []

    def rejects(notice: Notice) -> DeliveryFailure:
        tried.append(notice.rule)
        return delivery_failure("400 what?")

    world.chat.rejects = rejects
    world.check(T0 + MINUTE)
    assert tried == ["a"]


def test_once_a_given_up_notice_could_not_be_recorded_nothing_more_is_sent_there(
    world: World,
) -> None:
    """The dead-letter queue fails at first, so that it is only put there again."""
    alerts(world, "a", 100)
    world.chat.rejects = lambda _: delivery_failure("404 no_service", retryable=False)
    world.dead_letters.broken = True
    world.check(T0 + MINUTE)
    world.dead_letters.broken = False
    world.chat.rejects = lambda _: None
    world.configure(project(rules=tuple(rule(name=name) for name in "abc")))
    world.calls(T0 + WINDOW, 100)
    world.state = state = Forgetful(world, "ops-slack")
    world.check(T0 + 6 * MINUTE)
    assert (len(world.dead_letters.letters), world.chat.accepted) == (1, [])
    state.channels = ()
    world.check(T0 + 10 * MINUTE)
    assert sorted(each.rule for each in world.chat.accepted) == ["b", "c"]


@pytest.mark.parametrize(
    ("left", "records", "told"), [(2.0, 2, ["a", "b"]), (1.9, 0, ["a", "a", "b"])]
)
def test_no_record_is_begun_without_2_seconds_for_it(
    world: World, left: float, records: int, told: list[str]
) -> None:
    """Cut off in the middle, it would be a crash; so the lease runs out, and it is sent again."""

    async def slow() -> None:
        world.remaining = left

    alerts(world, "ab", 100)
    world.state = state = Forgetful(world)
    world.chat.peek = slow
    report = world.check(T0 + MINUTE)
    assert (report.sent, report.pending) == (1, 1 if records else 2)
    assert len(state.asked) == records, "of what was sent, and of the lease that is handed back"
    problems = [each for each in report.problems if "no time was left to record" in each]
    assert len(problems) == (0 if records else 1), "reported once, and not for each that waits"
    world.chat.peek, world.remaining = None, 60.0
    world.check(T0 + 4 * MINUTE)
    assert sorted(each.rule for each in world.chat.accepted) == told
    assert len({each.id for each in world.chat.accepted}) == 2


@pytest.mark.parametrize(("left", "told"), [(20.0, 2), (19.9, 1)])
def test_once_a_record_failed_a_send_needs_time_for_a_slow_one_as_well(
    world: World, left: float, told: int
) -> None:
    """Its own 5 seconds, and 15 in which the store's client may try without success."""
    alerts(world, "ab", 118)
    world.state = state = Forgetful(world, "on-call")

    async def until_a_record_failed() -> None:
        await asyncio.wait_for(state.failed.wait(), 5)
        world.remaining = left

    world.chat.peek = until_a_record_failed
    world.check(T0 + MINUTE)
    assert len(world.chat.accepted) == told


@pytest.mark.parametrize(("seconds", "letters"), [(DAY - 1, 0), (DAY, 1)])
def test_a_notice_is_given_up_after_24_hours_and_not_a_second_before(
    world: World, seconds: int, letters: int
) -> None:
    for window in range(26 * 12):
        world.calls(T0 + window * WINDOW, 100)
    world.chat.down = DOWN
    world.check(T0 + MINUTE)
    report = world.check(T0 + MINUTE + seconds)
    assert report.failed, "it was tried"
    told = [letter[1] for letter in world.dead_letters.letters]
    assert told == ["ops-slack"] * letters, "a reminder is no news: the 24 hours began before"


def not_accepted(report: Report) -> set[tuple[str, str, str, str]]:
    return {
        (channel, each["outcome"], each["reason"], each["detail"])
        for each in report.as_json()["not_sent"]
        for channel in each["channels"]
    }


@pytest.mark.parametrize(
    ("failure", "next_step"),
    [
        (DOWN, "will be tried again"),
        (delivery_failure("410 Gone", retryable=False), "given up, now in the dead-letter queue"),
    ],
)
def test_a_send_that_failed_is_in_the_report_with_its_reason_and_what_comes_next(
    world: World, failure: DeliveryFailure, next_step: str
) -> None:
    alerts(world, "a", 118)
    world.chat.down = failure
    report = world.check(T0 + MINUTE)
    assert not_accepted(report) == {
        ("ops-slack", "failed", failure.reason.value, f"{failure.detail}; {next_step}")
    }
    assert (report.sent, report.failed) == (1, 1), "the pager accepted it"


def test_what_the_dead_letter_queue_does_not_take_is_in_the_report_as_given_up(
    world: World,
) -> None:
    alerts(world, "a", 118)
    world.chat.down, world.dead_letters.broken = delivery_failure("410 Gone", retryable=False), True
    ((channel, outcome, _, reason),) = not_accepted(world.check(T0 + MINUTE))
    assert (channel, outcome) == ("ops-slack", "failed")
    assert reason == "410 Gone; given up, not yet in the dead-letter queue"


def test_a_notice_that_is_handed_back_untried_is_in_the_report_as_waiting(world: World) -> None:
    alerts(world, "ab", 100)
    world.chat.down = replace(DOWN, channel_at_fault=True)
    found = not_accepted(world.check(T0 + MINUTE))
    assert {(channel, outcome) for channel, outcome, *_ in found} == {
        ("ops-slack", "failed"),
        ("ops-slack", "waiting"),
    }


def test_a_notice_that_was_accepted_is_no_entry_though_its_record_failed(world: World) -> None:
    alerts(world, "a", 100)
    world.state = Forgetful(world, "ops-slack")
    report = world.check(T0 + MINUTE)
    assert (not_accepted(report), report.sent, report.pending) == (set(), 1, 1)


class Uncountable(dict[Instant, int]):
    """Readings that rules can judge, and that our count of calls breaks on.

    It is the only one that looks whether the open window has a reading.
    """

    def __contains__(self, window: object) -> bool:  # noqa: D105 - the dict's
        if window == T0:
            raise KeyError("a bug in Headroom")
        return super().__contains__(window)


class UncountableReadings(FakeReadings):
    """Answers with such."""

    async def fetch(self, *asked: Any, **more: Any) -> Answer:  # noqa: ANN401 - as its own
        found = await super().fetch(*asked, **more)
        assert isinstance(found, Answer)
        return Answer({WHOLE: Uncountable(found.series[WHOLE])})


def test_a_stored_notice_is_sent_even_if_headroom_breaks_right_after(world: World) -> None:
    """Its lease is taken: left unsent, it would wait for the lease's end."""
    world.check(T0 - 4 * MINUTE)
    world.readings = UncountableReadings()
    world.calls(T0, 118)
    with pytest.raises(BrokenCheck):
        world.check(T0 + MINUTE)
    assert (world.chat.kinds, world.pager.kinds) == (["fired"], ["fired"])


@pytest.mark.parametrize("stored", [True, False])
def test_what_is_pending_after_two_tries_is_what_the_last_that_was_stored_left(
    *, stored: bool
) -> None:
    """The second may have sent what the first put there; if it was not stored, the first counts."""
    before, after = pending(notice(id="first")), pending(notice(id="second"))
    first = ProjectOutcome(name="support-line", entry=project(), outbox={"first": before})
    state = document() if stored else None
    second = ProjectOutcome(
        name="support-line",
        entry=project(),
        state=state,
        outbox={"second": after} if stored else {},
    )
    assert [*joined(first, second).outbox] == (["second"] if stored else ["first"])
