"""The stages between what was judged and what this check sends.

Each stage takes decisions and returns decisions. The first ones look at the notices alone; the last
two, `order` and `leased`, also at the outbox that the notices have joined.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headroom.delivery.decisions import Decision, Outcome
from headroom.domain.claims import Claim
from headroom.domain.formatting import clock
from headroom.domain.notices import Kind
from headroom.domain.outbox import Outbox, PendingNotice, recipients
from headroom.domain.supersede import missed
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease of this check on what it may send, and what it knows about the channels."""

    token: str
    now: Instant
    until: Instant
    pagers: Collection[str]
    unknown: frozenset[str] = frozenset()
    """Channels that cannot be used now, and may or may not be pagers."""
    backing_off: Mapping[str, Instant] = field(default_factory=dict)
    """Channels that asked us to back off, and until when."""
    reported: Collection[tuple[str, str]] = ()
    """Channel and id of notices in the dead-letter queue that are reported, or cannot be."""


OVER = "it was over before it could be sent"

Stage = Callable[[Sequence[Decision], Lease], list[Decision]]


def missed_instead_of_resolved(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Send `missed` instead of `resolved` to a channel that was not notified of the incident.

    Such a channel is for a higher severity, which the incident reached without a notice.
    """
    return [part for each in decisions for part in _missed_for_new_channels(each, lease)]


def _missed_for_new_channels(decision: Decision, lease: Lease) -> list[Decision]:
    new = tuple(name for name in decision.channels if name not in decision.before)
    if decision.notice.kind is not Kind.RESOLVED or not new:
        return [decision]
    late = replace(decision, notice=missed(decision.notice), channels=new, before=())
    notified = replace(decision, channels=decision.before)
    if set(decision.before).issuperset(recipients(late.routed, lease.pagers)):
        late = replace(late, outcome=Outcome.WITHHOLD, reason=OVER)
    return [late, notified]


def spare_pagers(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Page nobody for what is over: people are notified, on the default channel if need be."""
    parts: list[Decision] = []
    for each in decisions:
        if each.outcome is not Outcome.SEND:
            parts.append(each)
            continue
        names = recipients(each.routed, lease.pagers)
        spared = {name: OVER for name in each.channels if name not in names}
        whole = replace(each, channels=tuple(dict.fromkeys((*each.channels, *names))))
        parts += whole.split(spared, Outcome.WITHHOLD)
    return parts


BEFORE_THE_OUTBOX: tuple[Stage, ...] = (missed_instead_of_resolved, spare_pagers)
"""Silences and acknowledgements will go between these."""


def order(decisions: Sequence[Decision], before: Outbox, after: Outbox) -> list[Decision]:
    """Withhold what a newer notice of the same incident replaced, now or in an earlier check."""
    new = {each.notice.id for each in decisions}
    old = [
        Decision(pending.notice, tuple(pending.deliveries))
        for key, pending in before.items()
        if key not in new
    ]
    parts: list[Decision] = []
    for each in old:
        parts += [part for part in _ordered(each, after) if part.outcome is not Outcome.SEND]
    for each in decisions:
        parts += _ordered(each, after) if each.outcome is Outcome.SEND else [each]
    return parts


def _ordered(decision: Decision, after: Outbox) -> list[Decision]:
    pending = after.get(decision.notice.id)
    gone = [name for name in decision.channels if pending is None or name not in pending.deliveries]
    if not gone:
        return [decision]
    reasons = {name: _superseded(decision, name, after) for name in gone}
    return decision.split(reasons, Outcome.WITHHOLD)


def _superseded(decision: Decision, channel: str, after: Outbox) -> str:
    left = [each.notice for each in after.values() if channel in each.deliveries]
    for notice in left:
        if notice.incident_id == decision.notice.incident_id:
            return f"superseded by {notice.kind}"
    if any(notice.alert_id == decision.notice.alert_id for notice in left):
        return "counted in a later notice of its alert"
    return "the incident was over before the channel was notified"


def leased(
    decisions: Sequence[Decision], claims: Iterable[Claim], outbox: Outbox, lease: Lease
) -> list[Decision]:
    """Name what waits for a later check, with the reason."""
    held = {(each.notice.id, each.channel) for each in claims}
    parts: list[Decision] = []
    for each in decisions:
        key = each.notice.id
        pending = outbox.get(key)
        if each.outcome is not Outcome.SEND or pending is None:
            parts.append(each)
            continue
        waiting = [name for name in each.channels if (key, name) not in held]
        reasons = {name: _why_waiting(pending, name, lease) for name in waiting}
        parts += each.split(reasons, Outcome.WAIT)
    return parts


def _why_waiting(pending: PendingNotice, channel: str, lease: Lease) -> str:
    delivery, until = pending.deliveries[channel], lease.backing_off.get(channel)
    if delivery.leased(lease.now):
        return "another check may be sending it"
    if delivery.retry_at > lease.now:
        return f"back-off until {clock(delivery.retry_at)}"
    if until is not None:
        return f"back-off until {clock(until)}"
    return "an earlier notice of this alert is pending"
