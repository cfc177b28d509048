"""The outbox by itself: leases, order, and ends that overtake beginnings."""

from __future__ import annotations

import pytest

from headroom.domain.alerts import Told
from headroom.domain.notices import Kind
from headroom.domain.outbox import Outbox, Owed, claim, enqueue, expire
from headroom.domain.overtaking import overtake
from headroom.domain.rules import DEFAULT_CHANNEL
from tests.builders import T0, notice

PAGERS = frozenset({"on-call"})
LATER = T0 + 1500


def owing(**owed: Owed) -> Outbox:
    """The beginning, owed as given, and its end, owed by the same channels."""
    outbox: Outbox = {}
    channels = tuple(name.replace("_", "-") for name in owed)
    enqueue(outbox, Told(notice(), channels), 1, T0, pagers=PAGERS)
    enqueue(outbox, Told(notice(Kind.RESOLVED), channels, channels), 2, LATER, pagers=PAGERS)
    for name, state in owed.items():
        outbox[notice().id] = outbox[notice().id].owing(name.replace("_", "-"), state)
    return outbox


def kinds(outbox: Outbox, channel: str) -> list[str]:
    ordered = sorted(outbox.values(), key=lambda each: each.seq)
    return [each.notice.kind.value for each in ordered if channel in each.owed]


def test_a_lease_that_ran_out_without_a_record_may_have_been_a_send() -> None:
    outbox = owing(on_call=Owed(lease="gone", lease_until=LATER, first=True))
    expire(outbox, LATER)
    overtake(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "on-call") == ["resolved"]


def test_nothing_is_overtaken_while_its_beginning_may_be_on_its_way() -> None:
    outbox = owing(ops_slack=Owed(lease="other", lease_until=LATER + 60, first=True))
    overtake(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "ops-slack") == ["fired", "resolved"]


def test_who_heard_of_the_beginning_hears_of_the_end_alone() -> None:
    """What the channel still owes came in between, and is out of date."""
    outbox = owing(ops_slack=Owed(first=False))
    overtake(outbox, LATER, pagers=PAGERS)
    assert kinds(outbox, "ops-slack") == ["resolved"]


def test_each_channel_is_overtaken_for_itself() -> None:
    outbox = owing(ops_slack=Owed(first=True), sms=Owed(first=False), on_call=Owed(first=True))
    overtake(outbox, LATER, pagers=PAGERS)
    heard = {name: kinds(outbox, name) for name in ("ops-slack", "sms", "on-call")}
    assert heard == {"ops-slack": ["missed"], "sms": ["resolved"], "on-call": []}


def test_what_only_pagers_would_miss_is_told_on_default() -> None:
    outbox: Outbox = {}
    enqueue(outbox, Told(notice(Kind.MISSED), ("on-call",)), 1, T0, pagers=PAGERS)
    assert kinds(outbox, DEFAULT_CHANNEL) == ["missed"]
    assert kinds(outbox, "on-call") == []


@pytest.mark.parametrize(
    ("owed", "claimed"),
    [
        (Owed(first=True), ["fired", "resolved"]),
        (Owed(retry_at=LATER + 1), []),
        (Owed(lease="other", lease_until=LATER + 1), []),
        (Owed(refused="404"), ["resolved"]),
    ],
)
def test_a_line_waits_for_its_first_notice(owed: Owed, claimed: list[str]) -> None:
    claims = claim(owing(ops_slack=owed), "mine", LATER + 110, LATER)
    assert [each.notice.kind.value for each in claims] == claimed
