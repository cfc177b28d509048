"""The stages between what was judged and what this check sends.

Each stage takes decisions and returns decisions. The first ones look at the notices alone; the last
two, `order` and `lease`, also at the outbox that the notices have joined.
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
    """Who may send what joins the outbox now: this check, until its lease runs out."""

    token: str
    now: Instant
    until: Instant
    pagers: Collection[str]
    unknown: frozenset[str] = frozenset()
    """Channels that cannot be used, and may or may not be pagers."""
    backing_off: Mapping[str, Instant] = field(default_factory=dict)
    """Channels that asked us to back off, and until when."""
    reported: Collection[tuple[str, str]] = ()
    """Channel and id of refused notices that are reported already, or cannot be."""


OVER = "it was over before it could be sent"

Stage = Callable[[Sequence[Decision], Lease], list[Decision]]


def first_words(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Tell a channel that first hears of an incident at its end that it missed it.

    Such a channel would have been notified while the incident was worse than anybody was told.
    """
    return [part for each in decisions for part in _first_words(each, lease)]


def _first_words(decision: Decision, lease: Lease) -> list[Decision]:
    new = tuple(name for name in decision.channels if name not in decision.before)
    if decision.notice.kind is not Kind.RESOLVED or not new:
        return [decision]
    late = replace(decision, notice=missed(decision.notice), channels=new, before=())
    heard = replace(decision, channels=decision.before)
    if set(decision.before).issuperset(recipients(late.routed, lease.pagers)):
        late = replace(late, outcome=Outcome.WITHHOLD, reason=OVER)
    return [late, heard]


def spare_pagers(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Wake nobody for what is over; people are notified, on the default channel if need be."""
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


BEFORE_THE_OUTBOX: tuple[Stage, ...] = (first_words, spare_pagers)
"""Silences and acknowledgements will have their place between these."""


def order(decisions: Sequence[Decision], before: Outbox, after: Outbox) -> list[Decision]:
    """Say what newer notices of the same incident replaced, this check's or an earlier one's."""
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
    incident = decision.notice.incident_id
    for pending in after.values():
        if pending.notice.incident_id == incident and channel in pending.deliveries:
            return f"superseded by {pending.notice.kind}"
    return "the incident was over before the channel heard of it"


def leased(
    decisions: Sequence[Decision], claims: Iterable[Claim], outbox: Outbox, lease: Lease
) -> list[Decision]:
    """Say what waits for a later check, and why."""
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
