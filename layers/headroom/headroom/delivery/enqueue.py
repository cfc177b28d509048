"""Puts the notices of a check into the outbox, and leases what this check may send.

First the stages decide which channel gets which notice. Then the outbox keeps the order: a newer
notice may replace pending ones, and each waits for those before it. Then this check leases what may
be sent now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from headroom.delivery.decisions import Decision, sent
from headroom.delivery.not_sent import name_replaced, name_waiting
from headroom.delivery.stages import STAGES, Lease
from headroom.domain.alerts import RoutedNotice
from headroom.domain.claims import Claim, back_offs, claim, expire_leases
from headroom.domain.compaction import compact
from headroom.domain.notices import Notice
from headroom.domain.outbox import Outbox, join, remove_reported
from headroom.domain.overflow import Capacity
from headroom.domain.project_state import ProjectState
from headroom.domain.supersede import supersede
from headroom.domain.windows import Instant

MANY = 300
"""Notices in one outbox from which on its size is checked."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """A project's state to be stored, and what this check may send afterwards."""

    state: ProjectState
    claims: list[Claim]
    notices: list[RoutedNotice]
    """The notices of this check."""
    decisions: list[Decision]
    """The outcome of each of them, and of pending ones that they replaced."""

    @property
    def history(self) -> list[Notice]:
        """The notices for the project's history."""
        return [each.notice for each in self.notices]


def enqueue(
    state: ProjectState, notices: Sequence[RoutedNotice], lease: Lease, capacity: Capacity
) -> Enqueued:
    """Add notices to the outbox, and lease all that may be sent now."""
    decisions = [Decision.of(each) for each in notices]
    for stage in STAGES:
        decisions = stage(decisions, lease)
    outbox = dict(state.outbox)
    expire_leases(outbox, lease.now)
    remove_reported(outbox, lease.reported)
    joining, unknown = sent(decisions), lease.unknown_in(state.outbox)
    for seq, each in enumerate(joining, state.next_seq):
        join(outbox, each.routed, seq, lease.now, pagers=lease.pagers, unknown=unknown)
    before = dict(outbox)
    supersede(outbox, lease.now, pagers=lease.pagers, unknown=unknown)
    if len(outbox) > MANY and _half_full(replace(state, outbox=outbox), capacity):
        compact(outbox, lease.now)
    decisions = name_replaced(decisions, before, outbox)
    kept_back_offs = _back_offs(state, outbox, lease.now)
    claims = claim(
        state.project, outbox, lease.token, lease.until, lease.now, busy=lease.backing_off
    )
    decisions = name_waiting(decisions, claims, outbox, lease)
    next_seq = state.next_seq + len(joining)
    after = replace(state, outbox=outbox, back_offs=kept_back_offs, next_seq=next_seq)
    return Enqueued(after, claims, list(notices), decisions)


def _half_full(state: ProjectState, capacity: Capacity) -> bool:
    return capacity.free(state) < capacity.whole // 2


def _back_offs(state: ProjectState, outbox: Outbox, now: Instant) -> dict[str, Instant]:
    """Keep a channel's back-off when the notice is gone that it answered with it."""
    known = back_offs(outbox)
    gone = {
        name: until
        for name, until in back_offs(state.outbox).items()
        if until > max(now, known.get(name, 0), state.back_offs.get(name, 0))
    }
    if not gone:
        return state.back_offs
    return {name: until for name, until in {**state.back_offs, **gone}.items() if until > now}
