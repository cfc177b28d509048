"""What can go wrong between the queue, the table and the channel while letters are sent."""

from __future__ import annotations

import asyncio

import pytest

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.notices import Kind
from headroom.domain.watermark import Loaded
from headroom_cli.redrive.plan import Obstacle
from headroom_cli.redrive.resend import EXPIRED, LONGEST_WAIT
from tests.builders import T0, delivery_failure, notice
from tests.unit.cli.redrive_desk import (
    FIRED,
    OPEN,
    OVER,
    Desk,
    FakeQueue,
    SlowChannel,
    dead_letter,
    pager,
)

BUSY = delivery_failure("429 rate_limited", retryable=True, retry_after=2.0)


def test_a_channel_that_asks_for_a_moment_gets_it() -> None:
    desk = Desk(pager(BUSY, BUSY))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, desk.slept) == (True, False, [2.0, 2.0])


@pytest.mark.parametrize(
    "errors",
    [
        [BUSY, BUSY, BUSY],
        [delivery_failure("429", retryable=True, retry_after=LONGEST_WAIT + 1)],
        [delivery_failure("404 no_service", retryable=False)],
    ],
)
def test_what_is_not_taken_stays_with_its_reason(errors: list[DeliveryFailure]) -> None:
    desk = Desk(pager(*errors))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, outcome.why) == (False, True, errors[0].detail)
    assert (desk.queue.deleted, desk.channel.accepted) == ([], [])


def test_a_refusal_for_good_holds_up_its_alert_and_no_other() -> None:
    desk = Desk(pager(delivery_failure("400", retryable=False), is_pager=False))
    other = notice(rule="dead-line")
    first, second, third = desk.send(
        dead_letter(), dead_letter(notice(Kind.RESOLVED)), dead_letter(other)
    )
    assert [first.sent, second.sent, third.sent] == [False, False, True]
    assert [each.rule for each in desk.channel.accepted] == ["dead-line"]


def test_a_letter_that_the_queue_gave_to_somebody_else_is_not_sent_twice() -> None:
    desk = Desk(queue=FakeQueue(ours=False))
    (outcome,) = desk.send()
    assert (outcome.failed, desk.channel.accepted) == (True, [])


def test_a_letter_that_was_sent_and_stays_says_both() -> None:
    desk = Desk(queue=FakeQueue(deletes=False))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed) == (True, True)
    assert outcome.why == "sent, but then: SQS DeleteMessage: AccessDenied"


def test_what_ended_after_it_was_shown_pages_nobody() -> None:
    desk = Desk(loaded=(OVER,))
    (outcome,) = desk.send()
    assert (outcome.why, desk.channel.accepted, desk.queue.deleted) == (Obstacle.OVER, [], [])


def test_a_page_whose_incident_ends_while_it_is_sent_is_resolved_again() -> None:
    desk = Desk(loaded=(OPEN, OVER))
    (outcome,) = desk.send()
    assert [each.kind for each in desk.channel.accepted] == [Kind.FIRED, Kind.RESOLVED]
    assert {each.alert_id for each in desk.channel.accepted} == {FIRED.alert_id}
    assert (outcome.sent, outcome.failed) == (True, False)


@pytest.mark.parametrize(
    ("loaded", "kind", "begins"),
    [
        (OVER, Kind.FIRED, "LATE 1 h, over: "),
        (OPEN, Kind.FIRED, "LATE 1 h: "),
        (OVER, Kind.RESOLVED, "LATE 1 h: "),
        (Loaded({}, None, {FIRED.project: "makes no sense"}), Kind.FIRED, "LATE 1 h: "),
    ],
)
def test_people_hear_of_what_is_over_as_over(loaded: Loaded, kind: Kind, begins: str) -> None:
    desk = Desk(pager(is_pager=False), loaded=(loaded,))
    desk.send(dead_letter(notice(kind, at=T0)))
    (taken,) = desk.channel.accepted
    assert taken.summary.startswith(begins)
    assert taken.id == notice(kind, at=T0).id


def test_what_is_being_sent_at_ctrl_c_leaves_the_queue_and_nothing_follows() -> None:
    async def cancelled() -> None:
        resender = asyncio.ensure_future(
            desk.resender.send([dead_letter(), dead_letter(notice(rule="x"))])
        )
        await channel.begun.wait()
        resender.cancel()
        await asyncio.sleep(0)
        channel.answers.set()
        with pytest.raises(asyncio.CancelledError):
            await resender

    channel = SlowChannel(is_pager=False)
    desk = Desk(channel)
    asyncio.run(cancelled())
    assert ([each.id for each in channel.accepted], desk.queue.deleted) == ([FIRED.id], [FIRED.id])
    assert [outcome.sent for outcome in desk.told] == [True]


def test_a_letter_that_was_sent_but_let_go_of_meanwhile_says_that_it_may_come_again() -> None:
    desk = Desk(queue=FakeQueue(lapsed=True))
    (outcome,) = desk.send()
    assert (outcome.sent, outcome.failed, outcome.why) == (True, True, EXPIRED)
