"""A message is ours until its time is over, whatever SQS would still take."""

from __future__ import annotations

from typing import Any, cast

import pytest

from headroom_cli.redrive.messages import Message
from headroom_cli.redrive.queue import CLAIMED, HELD, Queue

SENT = {"SentTimestamp": "1763900000000"}


class Obliging:
    """An SQS that has one message and takes every order, as it may for an old receipt."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.messages = [
            {"MessageId": "one", "ReceiptHandle": "r", "Body": "{}", "Attributes": SENT}
        ]

    def receive_message(self, **_: object) -> dict[str, object]:
        return {"Messages": [self.messages.pop()] if self.messages else []}

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever is ordered)
        """Any order, done."""
        return lambda **_: self.orders.append(name)


class Desk:
    """One redrive that has taken the message."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sqs = Obliging()
        self.queue = Queue(cast("Any", self.sqs), "https://queue", clock=lambda: self.now)
        self.message: Message
        (self.message,) = self.queue.take(0)


@pytest.mark.parametrize("later", [HELD, HELD + 60])
def test_what_was_held_too_long_is_left_to_whoever_has_it_now(later: int) -> None:
    desk = Desk()
    desk.now += later
    assert (desk.queue.claim(desk.message), desk.queue.delete(desk.message)) == (False, False)
    desk.queue.release()
    assert desk.sqs.orders == []


def test_a_claim_sets_its_own_time_and_what_is_deleted_is_not_handed_back() -> None:
    desk = Desk()
    desk.now += HELD - 1
    assert desk.queue.claim(desk.message)
    desk.now += CLAIMED - 1
    assert desk.queue.delete(desk.message)
    desk.queue.release()
    assert desk.sqs.orders == ["change_message_visibility", "delete_message"]
    desk = Desk()
    assert desk.queue.claim(desk.message)
    desk.now += CLAIMED
    assert not desk.queue.delete(desk.message)


def test_what_is_still_ours_is_handed_back_once() -> None:
    desk = Desk()
    desk.queue.release()
    desk.queue.release()
    assert desk.sqs.orders == ["change_message_visibility_batch"]
