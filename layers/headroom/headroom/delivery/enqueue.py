"""What was told, into the outbox: bounded, in order, and leased by whoever may send it.

Pure, like the turn before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import (
    Claim,
    Outbox,
    claim,
    enqueue,
    expire,
    hearing,
    take_refused,
    waits,
)
from headroom.domain.overflow import Capacity
from headroom.domain.project_state import ProjectState
from headroom.domain.supersede import compact, missed, supersede
from headroom.domain.windows import Instant

MANY = 300
"""Notices in one outbox from which on its size is looked at."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who may send what this turn puts in the outbox: this check, until its lease runs out."""

    token: str
    now: Instant
    until: Instant
    pagers: Collection[str]
    unknown: frozenset[str] = frozenset()
    """Channels that cannot be used, and may be pagers or not."""
    busy: Collection[str] = ()
    """Channels that asked to be left alone for now."""
    reported: Collection[tuple[str, str]] = ()
    """Channel and id of refused notices that are reported already, or cannot be."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a turn leaves to be stored and sent."""

    document: ProjectState
    claims: list[Claim]
    """The notices that this check may send."""
    told: list[RoutedNotice]
    """All that is told now, reports of refusals included."""

    @property
    def history(self) -> list[Notice]:
        """Every notice of it."""
        return [each.notice for each in self.told]


def post(
    document: ProjectState, told: Sequence[RoutedNotice], sender: Sender, capacity: Capacity
) -> Posted:
    """Put what was told in the outbox, and lease all that may be sent now."""
    outbox = dict(document.outbox)
    expire(outbox, sender.now)
    take_refused(outbox, sender.reported)
    apart = [part for each in told for part in _apart(each, sender.pagers)]
    for seq, each in enumerate(apart, document.next_seq):
        enqueue(outbox, each, seq, sender.now, pagers=sender.pagers, unknown=sender.unknown)
    supersede(outbox, sender.now, pagers=sender.pagers, unknown=sender.unknown)
    if len(outbox) > MANY and _half_full(replace(document, outbox=outbox), capacity):
        compact(outbox, sender.now)
    asked = _still_asked(document, outbox, sender.now)
    claims = claim(outbox, sender.token, sender.until, sender.now, busy=sender.busy)
    next_seq = document.next_seq + len(apart)
    after = replace(document, outbox=outbox, asked=asked, next_seq=next_seq)
    return Posted(after, claims, list(told))


def _half_full(document: ProjectState, capacity: Capacity) -> bool:
    return capacity.free(document) < capacity.whole // 2


def _apart(told: RoutedNotice, pagers: Collection[str]) -> list[RoutedNotice]:
    """What is told to whom: whoever hears of an incident for the first time at its end missed it.

    That is who would have heard of it while it was worse than anybody was told.
    """
    new = tuple(name for name in told.channels if name not in told.before)
    if told.notice.kind is not Kind.RESOLVED or not new:
        return [told]
    late = RoutedNotice(missed(told.notice), new)
    heard = RoutedNotice(told.notice, told.before, told.before)
    known = set(told.before).issuperset(hearing(late, pagers))
    return [heard] if known else [late, heard]


def _still_asked(document: ProjectState, outbox: Outbox, now: Instant) -> dict[str, Instant]:
    """What channels asked for in answer to notices that are gone: the wait is the channel's."""
    known = waits(outbox)
    gone = {
        name: until
        for name, until in waits(document.outbox).items()
        if until > max(now, known.get(name, 0), document.asked.get(name, 0))
    }
    if not gone:
        return document.asked
    return {name: until for name, until in {**document.asked, **gone}.items() if until > now}
