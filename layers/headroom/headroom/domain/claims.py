"""Claims: the deliveries that one check has leased, so that no other check sends them meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.domain.notices import Notice
from headroom.domain.outbox import Outbox, PendingDelivery, PendingNotice, channels, lanes
from headroom.domain.rules import HEADROOM
from headroom.domain.windows import Instant

Lane = tuple[str, str]
"""A project's document and one of its alerts: their notices reach a channel in order."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One notice that this check may send to one channel, since it holds the lease."""

    project: str
    """The project whose document holds the notice."""
    notice: Notice
    channel: str
    delivery: PendingDelivery
    queued_at: Instant

    @property
    def lane(self) -> Lane:
        """The lane in which it keeps its order."""
        return self.project, self.notice.alert_id

    @property
    def tried(self) -> bool:
        """Whether an earlier check tried it."""
        return self.delivery.attempts > 0

    @property
    def is_report(self) -> bool:
        """Whether it is one of Headroom's own reports, which list the projects they are about."""
        return self.notice.project == HEADROOM


def claim(
    project: str,
    outbox: Outbox,
    token: str,
    until: Instant,
    now: Instant,
    *,
    busy: Container[str] = (),
) -> list[Claim]:
    """Lease all that may be sent now, in order; a lane stops at what is leased or not due yet.

    For the `busy` channels, which asked us to back off, lease only what is overdue; otherwise it
    would never be sent.
    """
    claims: list[Claim] = []
    for name in channels(outbox):
        for lane in lanes(outbox, name).values():
            for pending in lane:
                delivery = pending.deliveries[name]
                waits = name in busy and not pending.overdue(name, now)
                if waits or delivery.leased(now) or delivery.retry_at > now:
                    break
                leased = replace(delivery, lease=token, lease_until=until)
                key = pending.notice.id
                outbox[key] = outbox[key].with_delivery(name, leased)
                notice = _counting(pending.notice, delivery.stands_for)
                claims.append(Claim(project, notice, name, leased, pending.failing_since(name)))
    return claims


def _counting(notice: Notice, earlier: int) -> Notice:
    """The notice with the number of earlier incidents that it stands for."""
    if not earlier:
        return notice
    others = "1 earlier incident is" if earlier == 1 else f"{earlier} earlier incidents are"
    reasons = (notice.full_reason, f"{others} in the history only")
    details = replace(notice.details, place="", correlation_id="", until=None)
    return replace(notice, reason="; ".join(filter(None, reasons)), details=details)


def expire_leases(outbox: Outbox, now: Instant) -> None:
    """End the leases that hold nothing any more.

    A lease that ran out without a record: its check may have sent the notice before it died. A
    lease behind a notice without one: its check released that notice, so it sends nothing that
    follows in the lane.
    """
    for key, pending in list(outbox.items()):
        for name, delivery in pending.deliveries.items():
            if delivery.lease and not delivery.leased(now):
                attempts = delivery.attempts + 1
                ended = replace(delivery, lease="", attempts=attempts, may_have_arrived=True)
                outbox[key] = outbox[key].with_delivery(name, ended)
    for name in channels(outbox):
        for lane in lanes(outbox, name).values():
            _release_followers(outbox, name, lane)


def _release_followers(outbox: Outbox, channel: str, lane: Iterable[PendingNotice]) -> None:
    deliveries = [(each.notice.id, each.deliveries[channel]) for each in lane]
    for key, delivery in itertools.dropwhile(lambda each: each[1].lease, deliveries):
        if delivery.lease:
            free = replace(delivery, lease="", lease_until=0)
            outbox[key] = outbox[key].with_delivery(channel, free)


def back_offs(outbox: Outbox) -> dict[str, Instant]:
    """The channels that asked us to wait, in answer to a pending notice, and until when."""
    found: dict[str, Instant] = {}
    for pending in outbox.values():
        for name, delivery in pending.deliveries.items():
            if delivery.back_off_until > found.get(name, 0):
                found[name] = delivery.back_off_until
    return found


def backing_off(known: Iterable[Mapping[str, Instant]], now: Instant) -> dict[str, Instant]:
    """The channels that asked us to wait longer than now, by what any project knows."""
    found: dict[str, Instant] = {}
    for each in known:
        for name, until in each.items():
            if until > max(now, found.get(name, 0)):
                found[name] = until
    return found
