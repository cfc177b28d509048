"""Names what the outbox does not send now, and why: a newer notice replaced it, or it waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headroom.delivery.decisions import Decision, Outcome
from headroom.delivery.stages import Lease
from headroom.domain.claims import Claim
from headroom.domain.formatting import clock
from headroom.domain.outbox import Outbox, PendingNotice


def name_replaced(decisions: Sequence[Decision], before: Outbox, after: Outbox) -> list[Decision]:
    """Withhold what another notice replaced, of this check or of an earlier one, and add that one.

    `before` and `after`: the outbox around `supersede`.
    """
    new = {each.notice.id for each in decisions}
    old = [
        Decision(pending.notice, tuple(pending.deliveries))
        for key, pending in before.items()
        if key not in new
    ]
    parts = [part for each in old for part in _parts(each, after)]
    replaced = [each for each in parts if each.outcome is not Outcome.SEND]
    for each in decisions:
        replaced += _parts(each, after) if each.outcome is Outcome.SEND else [each]
    return replaced + _added(before, after)


def _added(before: Outbox, after: Outbox) -> list[Decision]:
    """The notices that were put in the place of others."""
    found: list[Decision] = []
    for key, pending in after.items():
        known = before[key].deliveries if key in before else {}
        if new := tuple(name for name in pending.deliveries if name not in known):
            found.append(Decision(pending.notice, new))
    return found


def _parts(decision: Decision, after: Outbox) -> list[Decision]:
    pending = after.get(decision.notice.id)
    gone = [name for name in decision.channels if pending is None or name not in pending.deliveries]
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


def name_waiting(
    decisions: Sequence[Decision], claims: Iterable[Claim], outbox: Outbox, lease: Lease
) -> list[Decision]:
    """Mark as waiting what this check has not leased."""
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
