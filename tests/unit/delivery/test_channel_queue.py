"""DESIGN 5.5: one channel's queue hands out all that it holds, in few messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.delivery.backlog import Backlog
from headroom.delivery.channel_queue import IN_A_ROW, SINGLY, STUBBORN, ChannelQueue
from headroom.domain.claims import Claim
from headroom.domain.outbox import PendingDelivery
from tests.builders import T0, notice
from tests.support.world import FakeChat


def claim(number: int, delivery: PendingDelivery) -> Claim:
    told = replace(notice(), id=str(number))
    return Claim("support-line", told, "ops-slack", delivery, T0)


def test_what_followed_a_notice_that_had_to_go_alone_is_sent_in_the_same_check() -> None:
    queue = ChannelQueue("ops-slack", FakeChat("ops-slack"), works=True)
    stubborn = claim(0, PendingDelivery(attempts=STUBBORN, own_failures=STUBBORN))
    queue.waiting.add([stubborn, *(claim(number, PendingDelivery()) for number in range(1, 9))])
    messages = []
    while message := queue.next(all_offered=True):
        messages.append([each.notice.id for each in message])
    assert messages == [*([str(place)] for place in range(SINGLY)), ["5", "6", "7", "8"]]


@pytest.mark.parametrize(("count", "sizes"), [(SINGLY, [1] * SINGLY), (SINGLY + 1, [SINGLY + 1])])
def test_what_was_tried_before_is_a_digest_only_if_it_is_more_than_five(
    count: int, sizes: list[int]
) -> None:
    queue = ChannelQueue("ops-slack", FakeChat("ops-slack"), works=True)
    queue.waiting.add(claim(number, PendingDelivery(attempts=1)) for number in range(count))
    messages = []
    while message := queue.next(all_offered=True):
        messages.append(len(message))
    assert messages == sizes


def test_what_was_just_tried_comes_after_what_has_been_due_for_longer() -> None:
    """Otherwise one notice that always fails would be the only one that shows what is at fault."""
    backlog = Backlog()
    backlog.add([claim(0, PendingDelivery(attempts=9, retry_at=T0 + 60))])
    younger = replace(claim(1, PendingDelivery(attempts=1, retry_at=T0 + 30)), queued_at=T0 + 10)
    backlog.add([replace(younger, notice=replace(younger.notice, series="another"))])
    taken = [backlog.take_longest_due(), backlog.take_longest_due()]
    assert [each.notice.id for each in taken if each] == ["1", "0"]


def test_a_channel_in_doubt_is_tried_at_the_end_with_a_notice_of_another_project() -> None:
    """If that fails as well the channel is at fault, and not the notices of one project."""
    queue = ChannelQueue("ops-slack", FakeChat("ops-slack"))
    for number in range(IN_A_ROW):
        queue.failed([claim(number, PendingDelivery())], channel_at_fault=False)
    other = replace(claim(9, PendingDelivery()), project="sales", queued_at=T0 + 60)
    other = replace(other, notice=replace(other.notice, project="sales", series="another"))
    queue.waiting.add([claim(8, PendingDelivery()), other])
    assert queue.next(all_offered=False) == []
    assert queue.next(all_offered=True) == [other]
