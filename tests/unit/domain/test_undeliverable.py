"""What is known of a channel that refused notices for good."""

from __future__ import annotations

from headroom.domain.undeliverable import Refusals, accepting
from tests.builders import T0

REFUSED = Refusals(count=1, at=T0)
"""It has accepted nothing since."""


def test_what_one_channel_accepts_says_nothing_of_another_that_refused() -> None:
    found = accepting({"ops-slack": REFUSED, "sms": REFUSED}, {"sms"}, T0 + 60)
    assert {name: each.accepted for name, each in found.items()} == {
        "ops-slack": 0,
        "sms": T0 + 60,
    }


def test_only_the_first_acceptance_after_a_refusal_is_written_down() -> None:
    first = accepting({"sms": REFUSED}, {"sms"}, T0 + 60)
    assert accepting(first, {"sms"}, T0 + 120) == first
