"""DESIGN 5.5: one channel's queue hands out all that it holds, in few messages."""

from __future__ import annotations

from dataclasses import replace

from headroom.delivery.channel_queue import SINGLY, STUBBORN, ChannelQueue
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
