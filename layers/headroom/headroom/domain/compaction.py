"""Shrinks an outbox that grows too large, at the cost of details that the history has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from headroom.domain.notices import Kind
from headroom.domain.outbox import Outbox, PendingNotice, channels, lanes, remove
from headroom.domain.windows import Instant


def compact(outbox: Outbox, now: Instant) -> None:
    """Shrink an outbox that grows too large: a channel is down while many alerts flap.

    A `missed` with a newer notice of its alert behind it is left out, and the newer one counts it.
    Readings are left out where no attempt can have arrived. History has both.
    """
    for name in channels(outbox):
        for lane in lanes(outbox, name).values():
            _count_missed(outbox, name, lane, now)
    for key, pending in outbox.items():
        deliveries = pending.deliveries.values()
        if not any(each.may_have_arrived or each.leased(now) for each in deliveries):
            outbox[key] = replace(pending, notice=replace(pending.notice, readings=()))


def _count_missed(
    outbox: Outbox, channel: str, lane: Sequence[PendingNotice], now: Instant
) -> None:
    """Leave out the `missed` before the last notice of a lane, and let that one count them.

    A `resolved` has no place for the number (its reason says why it closed), so the newest `missed`
    before it stays and has the number.
    """
    over = [each for each in lane[:-1] if _may_be_left_out(each, channel, now)]
    last = lane[-1] if lane[-1].notice.kind is not Kind.RESOLVED or not over else over.pop()
    if not over:
        return
    for each in over:
        remove(outbox, each.notice.id, channel)
    earlier = sum(1 + each.deliveries[channel].stands_for for each in over)
    delivery = last.deliveries[channel]
    after = replace(delivery, stands_for=delivery.stands_for + earlier)
    outbox[last.notice.id] = outbox[last.notice.id].with_delivery(channel, after)


def _may_be_left_out(pending: PendingNotice, channel: str, now: Instant) -> bool:
    delivery = pending.deliveries[channel]
    busy = delivery.may_have_arrived or delivery.given_up or delivery.leased(now)
    return pending.notice.kind is Kind.MISSED and not busy
