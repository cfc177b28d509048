"""The outbox: notices that channels have not accepted yet, kept inside the project's document."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant

GIVE_UP_AFTER = 24 * 3600
"""Seconds of failing after which a notice goes to the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """One channel that has not accepted one notice yet."""

    attempts: int = 0
    """Attempts that failed."""
    own_failures: int = 0
    """How many of them failed while the channel accepted other notices: the notice is at fault."""
    retry_at: Instant = 0
    """The next attempt comes no earlier."""
    back_off_until: Instant = 0
    """The time until which the channel asked us to wait (`Retry-After`), for every notice."""
    lease: str = ""
    """The random token of the check that may be sending it now; '' without one."""
    lease_until: Instant = 0
    since: Instant = 0
    """Since when news of this incident is pending for the channel; 0: since the notice was
    queued."""
    first_of_incident: bool = False
    """Whether it is the first notice of the incident for this channel."""
    may_have_arrived: bool = False
    """An attempt failed, and may have arrived all the same."""
    stands_for: int = 0
    """Earlier incidents of the alert whose `missed` were left out, so that this one counts them."""
    dead_letter: str = ""
    """Why it is in the dead-letter queue; it is removed once its report is stored."""
    given_up: str = ""
    """Why it was given up, until the dead-letter queue takes it; the channel is not tried again."""

    def leased(self, now: Instant) -> bool:
        """Whether another check may be sending it now."""
        return bool(self.lease) and now < self.lease_until


@dataclass(frozen=True, slots=True)
class PendingNotice:
    """One notice with its pending deliveries."""

    seq: int
    """Order within the project's document, over all its incidents."""
    notice: Notice
    queued_at: Instant
    deliveries: dict[str, PendingDelivery] = field(default_factory=dict)
    """By channel."""
    nobody_notified: bool = False
    """The end of an incident that is routed to pagers alone, as far as that is known, and none of
    them had accepted its beginning; or a `missed`, which no pager gets."""

    def since(self, channel: str) -> Instant:
        """Since when this, or a notice that it replaced, is pending for the channel."""
        return self.deliveries[channel].since or self.queued_at

    def failing_since(self, channel: str) -> Instant:
        """The start of its 24 hours: a reminder is no news, so it continues those before it."""
        return self.since(channel) if self.notice.kind is Kind.REMINDER else self.queued_at

    def overdue(self, channel: str, now: Instant) -> bool:
        """Whether the next attempt that fails is the last."""
        return now - self.failing_since(channel) >= GIVE_UP_AFTER

    def with_delivery(self, channel: str, delivery: PendingDelivery) -> PendingNotice:
        """The same with the delivery to one channel replaced."""
        return replace(self, deliveries={**self.deliveries, channel: delivery})


Outbox = dict[str, PendingNotice]
"""By notice id."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """One notice that a channel refused for good, or did not accept for 24 hours."""

    notice: Notice
    channel: str
    delivery: PendingDelivery


def join(
    outbox: Outbox,
    routed: RoutedNotice,
    seq: int,
    now: Instant,
    *,
    pagers: Container[str],
    unknown: Container[str] = (),
) -> None:
    """Add a notice for its channels, which `recipients` has chosen.

    `unknown`: channels that cannot be used now, and may turn out to be pagers.
    """
    known = outbox.get(routed.notice.id)
    deliveries = dict(known.deliveries) if known else {}
    for name in routed.channels:
        first = name not in routed.before
        deliveries.setdefault(name, PendingDelivery(first_of_incident=first))
    nobody = routed.notice.kind.ends and _nobody_notified(outbox, routed, pagers, unknown)
    outbox[routed.notice.id] = PendingNotice(seq, routed.notice, now, deliveries, nobody)


def _nobody_notified(
    outbox: Outbox, routed: RoutedNotice, pagers: Container[str], unknown: Container[str]
) -> bool:
    """Whether it goes to pagers alone, and the incident's beginning is pending for each of them.

    A `missed` is the only notice of its incident there; the default channel may have had others.
    """
    alone = all(name in pagers or name in unknown for name in routed.channels)
    if routed.notice.kind is Kind.MISSED or not alone:
        return alone and DEFAULT_CHANNEL not in routed.before
    incident = routed.notice.incident_id
    earlier = [each for each in outbox.values() if each.notice.incident_id == incident]
    if any(each.notice.kind is Kind.MISSED for each in earlier):
        return False
    never = {
        name
        for each in earlier
        for name, delivery in each.deliveries.items()
        if delivery.first_of_incident
    }
    return never.issuperset(routed.channels)


def recipients(routed: RoutedNotice, pagers: Container[str]) -> tuple[str, ...]:
    """The channels that a notice is sent to: a `missed` goes to people, not to pagers."""
    if routed.notice.kind is not Kind.MISSED:
        return routed.channels
    people = tuple(name for name in routed.channels if name not in pagers)
    return people or (DEFAULT_CHANNEL,)


def lanes(outbox: Outbox, channel: str) -> dict[str, list[PendingNotice]]:
    """The pending notices of one channel, by alert and in order: each waits for the one before."""
    found: dict[str, list[PendingNotice]] = {}
    for pending in sorted(outbox.values(), key=lambda each: each.seq):
        delivery = pending.deliveries.get(channel)
        if delivery is not None and not delivery.dead_letter:
            found.setdefault(pending.notice.alert_id, []).append(pending)
    return found


def channels(outbox: Outbox) -> list[str]:
    """Every channel with a pending delivery."""
    return sorted({name for pending in outbox.values() for name in pending.deliveries})


def undeliverable(outbox: Outbox) -> list[GivenUp]:
    """The notices that were given up, in the dead-letter queue or not yet; a report may be due."""
    return [
        GivenUp(pending.notice, name, delivery)
        for pending in outbox.values()
        for name, delivery in pending.deliveries.items()
        if delivery.dead_letter or delivery.given_up
    ]


def remove_reported(outbox: Outbox, reported: Container[tuple[str, str]]) -> None:
    """Remove what is in the dead-letter queue and reported, by channel and notice id.

    A failure of `default` itself is removed too: no channel is left to report it on.
    """
    for each in undeliverable(outbox):
        known = each.channel == DEFAULT_CHANNEL or (each.channel, each.notice.id) in reported
        if known and each.delivery.dead_letter:
            remove(outbox, each.notice.id, each.channel)


def remove(outbox: Outbox, key: str, channel: str) -> None:
    """Remove one delivery, and the notice with its last one."""
    left = {name: each for name, each in outbox[key].deliveries.items() if name != channel}
    if left:
        outbox[key] = replace(outbox[key], deliveries=left)
    else:
        del outbox[key]
