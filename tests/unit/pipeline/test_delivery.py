"""DESIGN section 5: what delivery promises, through the whole check."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from headroom.check import check
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Project, Severity
from headroom.domain.windows import WINDOW
from headroom.errors import BrokenCheck
from headroom.ports import Deadline
from tests.builders import T0, delivery_failure, level, project, rule
from tests.support.broken_store import Forgetful
from tests.support.world import World, breach

MINUTE = 60
DOWN = delivery_failure("503 Service Unavailable", retryable=True, ambiguous=True)
CLOSED_DOOR = delivery_failure("connection refused", retryable=True)
BUSY = delivery_failure("429 Too Many Requests", retryable=True, retry_after=200)
BAD = delivery_failure("400 bad request", retryable=True)
REFUSED = delivery_failure("connection refused", retryable=True, channel_at_fault=True)
REVOKED = delivery_failure("404 no_service", retryable=False)


def recover(world: World, minutes: int = 11) -> None:
    """The next window is well, and has closed."""
    world.check(T0 + minutes * MINUTE)


def chatty(number: int) -> Project:
    """A line that has something to tell in each of twelve minutes."""
    return project(name=f"chatty-{number}", rules=(rule(remind=MINUTE),))


def again_while_busy(world: World) -> None:
    """It is over while the channel asks to wait, and begins again."""
    world.chat.errors = [BUSY]
    recover(world)
    world.calls(T0 + 2 * WINDOW, 118)
    world.check(T0 + 12 * MINUTE)


def test_a_breach_is_notified_once_on_each_channel_and_its_end_once(world: World) -> None:
    breach(world)
    for minute in range(2, 40):
        world.check(T0 + minute * MINUTE)
    assert world.chat.lines == [
        "CRITICAL 118/120 calls (98%) support-line near-limit",
        "RESOLVED after 5 min support-line near-limit",
    ]
    assert world.pager.kinds == ["fired", "resolved"]


def test_an_overlapping_check_and_a_repeated_one_notify_nothing_twice(world: World) -> None:
    breach(world)
    world.check(T0 + MINUTE)
    world.check_as_of(T0)
    assert world.chat.kinds == ["fired"]


def test_a_slow_check_that_comes_after_the_end_does_not_fire_again(world: World) -> None:
    breach(world)
    recover(world)
    world.check_as_of(T0 + 2 * MINUTE)
    world.check()
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_notice_is_stored_before_anything_is_sent(world: World) -> None:
    world.chat.peek = lambda: world.state.read("support-line")
    breach(world)
    (stored,) = world.chat.peeked
    assert isinstance(stored, ProjectState)
    assert [each.notice.kind for each in stored.outbox.values()] == ["fired"]


def test_a_failed_send_is_tried_again_by_later_checks_with_the_same_id(world: World) -> None:
    world.chat.errors = [DOWN, DOWN]
    world.chat.keeps_what_it_fails = True
    breach(world)
    for minute in range(2, 5):
        world.check(T0 + minute * MINUTE)
    assert world.chat.kinds == ["fired"] * 3
    assert len({each.id for each in world.chat.accepted}) == 1


def test_each_wait_of_a_notice_that_its_channel_does_not_take_is_longer(world: World) -> None:
    """The channel takes others meanwhile, so the fault is the notice's own."""
    lines = [chatty(number) for number in range(9)]
    world.configure(project(rules=(rule(name="poisoned"),)), *lines)
    tries: list[int] = []

    def poisoned(told: Notice) -> DeliveryFailure | None:
        tries.extend([world.now] if told.rule == "poisoned" else [])
        return BAD if told.rule == "poisoned" else None

    world.chat.rejects = poisoned
    world.check(T0 - 4 * MINUTE)
    for minute in range(1, 85):
        for name in ["support-line", *(each.name for each in lines[: minute // 10 + 1])]:
            world.calls(T0 + minute // 5 * WINDOW, 118, name)
        world.check(T0 + minute * MINUTE)
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert (gaps[0], gaps[-1]) == (MINUTE, 15 * MINUTE)


@pytest.mark.parametrize("down", [DOWN, CLOSED_DOOR, REFUSED])
def test_after_an_outage_of_a_channel_the_first_try_comes_within_two_minutes(
    world: World, down: DeliveryFailure
) -> None:
    world.chat.down = down
    world.chat.peek = world.clock
    breach(world)
    for minute in range(2, 180):
        world.calls(T0 + minute // 5 * WINDOW, 118)
        world.check(T0 + minute * MINUTE)
    tries = [T0 + MINUTE, *world.chat.peeked, T0 + 179 * MINUTE]
    gaps = [int(later) - int(earlier) for earlier, later in pairwise(tries)]  # type: ignore[call-overload]  # instants
    assert max(gaps) <= 2 * MINUTE


def test_a_reminder_that_could_not_be_sent_says_what_is_true_when_it_is(world: World) -> None:
    world.configure(project(rules=(rule(remind=4 * 3600),)))
    world.check(T0 - 4 * MINUTE)
    for minute in range(0, 400, 5):
        world.chat.down = REFUSED if 230 <= minute < 398 else None
        world.calls(T0 + minute * MINUTE, 118 if minute < 300 else 119)
        world.check(T0 + minute * MINUTE)
    world.chat.down = None
    world.check(T0 + 399 * MINUTE)
    told = world.chat.accepted[-1]
    assert (
        told.summary
        == "STILL CRITICAL after 6 h 35 min 119/120 calls (99%) support-line near-limit"
    )
    assert told.at == T0 + 395 * MINUTE
    assert world.chat.kinds == world.pager.kinds == ["fired", "reminder"]


@pytest.mark.parametrize("down", [REFUSED, DOWN])
def test_a_notice_that_waited_out_an_outage_says_what_is_true_when_it_is_sent(
    world: World, down: DeliveryFailure
) -> None:
    world.chat.down = down
    breach(world)
    (owed,) = world.load().documents["support-line"].outbox
    for minute in range(2, 41):
        world.chat.down = down if minute < 38 else None
        world.calls(T0 + minute // 5 * WINDOW, 118 if minute < 25 else 115)
        world.check(T0 + minute * MINUTE)
    (told,) = world.chat.accepted
    assert (told.id, told.kind, told.since) == (owed, "fired", T0)
    assert told.summary == "CRITICAL 115/120 calls (95%) support-line near-limit"
    assert T0 + 40 * MINUTE - told.at <= 2 * WINDOW
    assert told.readings[-1].value == 115


def test_a_renewed_notice_still_names_a_window_that_passes_its_threshold(world: World) -> None:
    """What only the hysteresis keeps firing would contradict the condition beside it."""
    near = rule(remind=None, levels=(level(fires=114, holds=100),))
    world.configure(project(rules=(near,)))
    world.check(T0 - 4 * MINUTE)
    world.chat.down = DOWN
    for minute in range(1, 41):
        world.chat.down = DOWN if minute < 40 else None
        world.calls(T0 + minute // 5 * WINDOW, 118 if minute < 10 else 101)
        world.check(T0 + minute * MINUTE)
    (told,) = world.chat.accepted
    assert told.summary == "CRITICAL 118/120 calls (98%) at 10:10 UTC support-line near-limit"
    assert T0 + 40 * MINUTE - told.at <= 2 * WINDOW


def test_429_waits_as_asked(world: World) -> None:
    world.chat.errors = [BUSY]
    breach(world)
    world.chat.peek = world.clock
    for minute in range(2, 6):
        world.check(T0 + minute * MINUTE)
    assert world.chat.peeked == [T0 + 5 * MINUTE]


def test_a_failed_send_holds_no_other_notice_back_unless_the_channel_asked_us_to_wait(
    world: World,
) -> None:
    world.configure(project(), project(name="sales"))
    world.chat.errors = [BAD]
    breach(world)
    world.calls(T0, 118, "sales")
    world.check(world.now + 10)
    assert [each.project for each in world.chat.accepted] == ["sales"]


def test_an_interrupt_between_the_send_and_the_record_records_nothing(world: World) -> None:
    """The send may have arrived: the lease stays until it runs out."""

    class Interrupt(BaseException):
        pass

    world.chat.errors = [Interrupt()]
    with pytest.raises(BrokenCheck):
        breach(world)
    (pending,) = world.stored().outbox.values()
    interrupted = pending.deliveries["ops-slack"]
    assert (bool(interrupted.lease), interrupted.attempts) == (True, 0)


def test_one_channel_that_is_down_delays_no_other(world: World) -> None:
    world.chat.down = DOWN
    breach(world)
    assert world.pager.kinds == ["fired"]


def test_nothing_is_sent_while_an_earlier_notice_of_that_alert_is_pending(world: World) -> None:
    breach(world)
    again_while_busy(world)
    assert world.chat.kinds == ["fired"]
    world.check(T0 + 15 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved", "fired"]


def test_a_channel_that_was_notified_of_an_incident_is_notified_until_its_end(world: World) -> None:
    breach(world)
    world.calls(T0 + WINDOW, 100)
    for minute in range(2, 20):
        world.check(T0 + minute * MINUTE)
    assert world.pager.kinds == ["fired", "eased", "resolved"]


def test_people_get_one_missed_when_the_end_supersedes_the_beginning(world: World) -> None:
    world.chat.down = DOWN
    breach(world)
    recover(world)
    world.chat.down = None
    world.check(T0 + 60 * MINUTE)
    assert world.chat.lines == ["MISSED CRITICAL 5 min peak 118/120 (98%) support-line near-limit"]


@pytest.mark.parametrize(("down", "heard"), [(CLOSED_DOOR, []), (DOWN, ["resolved"])])
def test_a_pager_gets_an_end_that_superseded_its_beginning_only_if_that_may_have_arrived(
    world: World, down: DeliveryFailure, heard: list[str]
) -> None:
    world.pager.down = down
    breach(world)
    recover(world)
    world.pager.down = None
    world.check(T0 + 60 * MINUTE)
    assert world.pager.kinds == heard


def only(*channels: str) -> Project:
    """A line whose criticals go to these channels alone."""
    routing = {Severity.WARNING: ("ops-slack",), Severity.CRITICAL: channels}
    return project(routing=routing)


@pytest.mark.parametrize("down", [CLOSED_DOOR, DOWN])
def test_an_incident_for_a_pager_alone_comes_to_default_if_it_ends_before_any_notice(
    world: World, down: DeliveryFailure
) -> None:
    world.configure(only("on-call"))
    world.pager.down = down
    breach(world)
    recover(world)
    world.pager.down = None
    world.check(T0 + 60 * MINUTE)
    assert world.default.lines == [
        "MISSED CRITICAL 5 min peak 118/120 (98%) support-line near-limit"
    ]
    assert world.chat.lines == []


@pytest.mark.parametrize("channels", [("on-call",), ("on-call", "ops-slack")])
def test_default_gets_no_page_that_a_pager_accepted_or_that_people_get(
    world: World, channels: tuple[str, ...]
) -> None:
    world.configure(only(*channels))
    world.pager.down = CLOSED_DOOR if "ops-slack" in channels else None
    breach(world)
    world.pager.down = CLOSED_DOOR
    recover(world)
    world.pager.down = None
    world.check(T0 + 60 * MINUTE)
    assert world.default.lines == []


def test_a_pager_is_not_notified_of_what_fired_and_recovered_between_two_checks(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + 30 * MINUTE)
    assert (world.chat.kinds, world.pager.kinds) == (["missed"], [])


def test_a_crash_between_send_and_record_makes_one_duplicate_with_the_same_id(
    world: World,
) -> None:
    class Crash(BaseException):
        pass

    world.chat.errors = [Crash("the process is gone")]  # nothing is recorded
    world.chat.keeps_what_it_fails = True
    with pytest.raises(BrokenCheck, match="broke"):
        breach(world)
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"], "the lease has not run out"
    world.check(T0 + 3 * MINUTE)
    assert world.chat.kinds == ["fired", "fired"]
    assert len({each.id for each in world.chat.accepted}) == 1
    assert world.pager.kinds == ["fired"]


def test_no_send_starts_without_time_left_for_it(world: World) -> None:
    world.chat.timeout = 59.0
    breach(world)
    assert world.chat.kinds == []
    world.chat.timeout = 5.0
    world.check(T0 + 2 * MINUTE)
    assert world.chat.kinds == ["fired"]


def test_a_permanent_refusal_is_kept_in_the_dead_letters_and_reported_once(world: World) -> None:
    world.chat.down = REVOKED
    breach(world)
    for minute in range(2, 12):
        world.check(T0 + minute * MINUTE)
    assert world.dead_letters.letters == [
        ("fired", "ops-slack", "404 no_service"),
        ("resolved", "ops-slack", "404 no_service"),
    ]
    assert [each.rule for each in world.default.accepted] == ["undeliverable"]
    assert world.default.lines[0].startswith(
        "CRITICAL delivery to ops-slack failed: 404 no_service"
    )
    assert world.pager.kinds == ["fired", "resolved"]


def test_after_24_hours_of_failing_a_notice_goes_to_the_dead_letters(world: World) -> None:
    world.chat.down = DOWN
    world.calls(T0, 118)
    world.check(T0 - 4 * MINUTE)
    for hour in range(27):
        for back in range(13):
            world.calls(T0 + hour * 3600 - back * WINDOW, 118)
        world.check(T0 + hour * 3600 + MINUTE)
    assert "ops-slack" in [letter[1] for letter in world.dead_letters.letters]
    assert all("given up after 24 hours" in letter[2] for letter in world.dead_letters.letters)
    assert len(world.default.accepted) == 1


def test_after_24_hours_a_channel_is_tried_every_quarter_of_an_hour_while_the_queue_fails(
    world: World,
) -> None:
    """Nobody has the notice yet: the channel that is back gets it, and what follows."""
    day = 24 * 3600
    world.chat.down, world.dead_letters.broken = CLOSED_DOOR, True
    for window in range(26 * 12):
        world.calls(T0 + window * WINDOW, 118)
    breach(world)
    world.check(T0 + day + 2 * MINUTE)
    world.chat.peek = world.clock
    for minute in range(3, 33):
        world.check(T0 + day + minute * MINUTE)
    assert len(world.chat.peeked) == 2
    world.chat.down = None
    for minute in range(33, 50):
        world.check(T0 + day + minute * MINUTE)
    assert [each.rule for each in world.chat.accepted] == ["near-limit"]
    assert world.dead_letters.letters == []


def test_a_refusal_that_the_dead_letter_queue_does_not_take_is_reported_and_not_sent_again(
    world: World,
) -> None:
    world.chat.down = REVOKED
    world.chat.peek = world.clock
    world.dead_letters.broken = True
    breach(world)
    for minute in range(2, 10):
        world.calls(T0 + minute // 5 * WINDOW, 118)
        world.check(T0 + minute * MINUTE)
    assert len(world.chat.peeked) == 1
    assert [each.rule for each in world.default.accepted] == ["undeliverable"]
    assert "404 no_service, dead-letter queue fails" in world.default.accepted[0].reason
    world.dead_letters.broken = False
    for minute in range(10, 15):
        world.calls(T0 + minute // 5 * WINDOW, 118)
        world.check(T0 + minute * MINUTE)
    assert world.dead_letters.letters == [("fired", "ops-slack", "404 no_service")]
    assert len(world.chat.peeked) == 1
    assert len(world.default.accepted) == 1
    assert not world.load().documents["support-line"].outbox


def test_an_answer_that_was_lost_is_remembered_though_the_notice_could_not_be_given_up(
    world: World,
) -> None:
    world.pager.down = CLOSED_DOOR
    for window in range(24 * 12):
        world.calls(T0 + window * WINDOW, 118)
    breach(world)
    world.pager.down, world.pager.keeps_what_it_fails = DOWN, True
    world.dead_letters.broken = True
    world.check(T0 + 24 * 3600 + 2 * MINUTE)
    world.pager.down, world.dead_letters.broken = None, False
    world.check(T0 + 25 * 3600)
    assert world.pager.kinds[-1] == "resolved"


def test_a_notice_that_could_not_be_given_up_holds_back_its_own_alert_and_no_other(
    world: World,
) -> None:
    world.configure(project(rules=(rule(), rule(name="zz-other"))))
    breach(world)
    again_while_busy(world)
    world.dead_letters.broken = True
    first = (project().rules[0].name, "resolved")
    world.chat.rejects = lambda told: REVOKED if (told.rule, told.kind) == first else None
    world.check(T0 + 15 * MINUTE)
    assert [(each.rule, each.kind) for each in world.chat.accepted[2:]] == [
        ("zz-other", "resolved"),
        ("zz-other", "fired"),
    ]


def test_a_failed_send_is_one_problem_though_notices_of_its_alert_wait_behind_it(
    world: World,
) -> None:
    """Only what waits is released: the notice that failed has no lease any more."""
    breach(world)
    again_while_busy(world)
    world.chat.down = BAD
    report = world.check(T0 + 15 * MINUTE)
    (problem,) = report.problems
    assert problem.endswith("(resolved) to ops-slack: 400 bad request")


def test_what_follows_a_notice_in_the_dead_letter_queue_is_sent_in_the_same_check(
    world: World,
) -> None:
    breach(world)
    again_while_busy(world)
    world.chat.rejects = lambda told: REVOKED if told.kind == "resolved" else None
    world.check(T0 + 15 * MINUTE)
    assert [letter[0] for letter in world.dead_letters.letters] == ["resolved"]
    assert world.chat.kinds == ["fired", "fired"]


def test_a_channel_that_is_configured_no_more_is_a_permanent_refusal(world: World) -> None:
    gone = world.source.configuration.projects["support-line"]
    rules = (replace(gone.rules[0], routing=dict.fromkeys(gone.routing, ("nowhere",))),)
    world.configure(replace(gone, rules=rules))
    breach(world)
    world.check(T0 + 2 * MINUTE)
    assert world.dead_letters.letters[0][1:] == ("nowhere", "no such channel is configured")
    assert world.default.kinds == ["fired"]


def test_a_delivery_that_cannot_be_recorded_stops_that_channel_only(world: World) -> None:
    world.state = Forgetful(world, "ops-slack")
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    report = world.check(T0 + MINUTE)
    assert any("could not be recorded" in each for each in report.problems)
    assert world.pager.kinds == ["fired"]


def test_no_notice_waits_beyond_a_day_behind_what_its_channel_asked_of_another(
    world: World,
) -> None:
    later = rule(name="later", levels=(level(Severity.CRITICAL, 119),))
    world.configure(project(rules=(rule(), later)))
    patient = delivery_failure("429 Too Many Requests", retryable=True, retry_after=10**7)
    world.chat.rejects = lambda notice: patient if notice.rule == "later" else BUSY
    for minute in range(0, 25 * 60, 10):
        at = T0 + minute * MINUTE
        for window in (at, at + WINDOW):
            world.calls(window, 119 if minute >= 23 * 60 else 118)
        world.check(at + MINUTE)
    assert [letter[1] for letter in world.dead_letters.letters] == ["ops-slack"]


def test_a_first_notice_names_calls_that_breach_though_a_reminder_is_pending_on_another_channel(
    world: World,
) -> None:
    both = dict.fromkeys(Severity, ("ops-slack", "default"))
    near = rule(levels=(level(fires=114, holds=100),), remind=600, routing=both)
    world.configure(project(rules=(near,)))
    world.check(T0 - MINUTE)
    world.chat.down = REFUSED
    for number in range(30):
        world.calls(T0 + number * WINDOW, 101 if number else 119)
    for minute in range(1, 40):
        world.default.down = REFUSED if minute >= 10 else None
        world.chat.down = REFUSED if minute < 36 else None
        world.check(T0 + minute * MINUTE)
    first = world.chat.accepted[0]
    assert (first.kind, first.value) == ("fired", 119)


def test_a_notice_that_waits_keeps_its_id_whatever_reminders_fall_due(world: World) -> None:
    world.configure(project(rules=(rule(levels=(level(),), remind=600),)))
    world.check(T0 - MINUTE)
    world.chat.down = REFUSED
    ids: set[str] = set()
    for minute in range(1, 40):
        world.calls(T0 + minute // 5 * WINDOW, 118)
        world.check(T0 + minute * MINUTE)
        outbox = world.load().documents["support-line"].outbox
        ids |= {key for key, pending in outbox.items() if "ops-slack" in pending.deliveries}
    assert len(ids) == 1


def test_failed_sends_are_counted_by_reason_whether_notice_or_channel_is_at_fault(
    world: World,
) -> None:
    """A channel that answers, one that nobody made, and a bug in Headroom's own."""
    world.configure(
        project(routing=dict.fromkeys(Severity, ("ops-slack", "on-call", "nowhere", "default")))
    )
    world.chat.down, world.pager.down = BUSY, DOWN
    world.default.rejects = lambda _: ValueError("cannot render it")
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    report = asyncio.run(check(world.ports(), T0 + MINUTE, Deadline(lambda: 60.0)))
    assert report.failures == {
        FailureReason.RATE_LIMITED: 1,
        FailureReason.SERVER_ERROR: 1,
        FailureReason.NOT_CONFIGURED: 1,
        FailureReason.BUG: 1,
    }
    assert report.failed == 4
