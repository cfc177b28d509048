"""What was told, into the outbox: bounded, in order, and leased by whoever may send it.

Pure, like the turn before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from headroom.digest import Digest
from headroom.domain.alerts import Told
from headroom.domain.outbox import (
    Outbox,
    claim,
    enqueue,
    expire,
    stand_in,
    take_refused,
    waits,
)
from headroom.domain.overtaking import overtake
from headroom.domain.windows import Instant
from headroom.room import Packing, Posted
from headroom.state.document import Document


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


def post(document: Document, told: Sequence[Told], sender: Sender) -> Posted:
    """Put what was told in the outbox, and lease all that may be sent now.

    What there is no room for is taken back (`room`): the document is then as before that change.
    """
    outbox = dict(document.outbox)
    expire(outbox, sender.now)
    take_refused(outbox, sender.reported)
    before = replace(document, outbox=outbox)

    def queue(some: Document, owed: Sequence[Told], stands_in: Digest | None) -> Posted:
        return _queue(some, owed, stands_in, sender)

    singly = frozenset(sender.pagers) | sender.unknown  # a pager takes no digest
    posted = Packing(before, told, queue, sender.now, singly).packed()
    asked = _still_asked(document, posted.document.outbox, sender.now)
    return replace(posted, document=replace(posted.document, asked=asked))


def _still_asked(document: Document, outbox: Outbox, now: Instant) -> dict[str, Instant]:
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


def _queue(
    document: Document, owed: Sequence[Told], stands_in: Digest | None, sender: Sender
) -> Posted:
    """The document with these in its outbox, a digest last, and leased what may be sent."""
    told = [*owed, stands_in.told] if stands_in else list(owed)
    outbox = dict(document.outbox)
    for seq, each in enumerate(told, document.next_seq):
        enqueue(outbox, each, seq, sender.now, pagers=sender.pagers)
    if stands_in:
        stand_in(outbox, stands_in.told.notice.id, stands_in.older, stands_in.counts)
    overtake(outbox, sender.now, pagers=sender.pagers, unknown=sender.unknown)
    claims = claim(outbox, sender.token, sender.until, sender.now, busy=sender.busy)
    after = replace(document, outbox=outbox, next_seq=document.next_seq + len(told))
    return Posted(after, claims, told, [each.notice for each in told])
