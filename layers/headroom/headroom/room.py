"""How much one commit takes on: as much as there is room for.

First, what people would hear becomes one digest. Where each page by itself is still too much, some
changes are taken back, and the next check finds them again. Nothing is lost, and no commit is tried
that the store would refuse for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from headroom.changes import Change, begins, changes, take_back
from headroom.digest import Digest, for_pagers, for_people, take_old
from headroom.domain.alerts import Told
from headroom.domain.notices import Notice
from headroom.domain.outbox import Claim, Pending
from headroom.domain.windows import Instant
from headroom.state.codec import HISTORY_LIMIT, LIMIT, notice_size, size
from headroom.state.document import Document

ROOM = LIMIT * 9 // 10
"""Bytes of a document with its leases; what a channel answers may be recorded in their place."""

ROOM_TO_BEGIN = ROOM * 2 // 3
"""Bytes that incidents may take, some 4,000; and all, where not everything has room.

The end of each needs room of its own: what begins must leave some.
"""

FINENESS = 32
"""Parts that a search divides its range into: each step makes the whole commit once."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a turn leaves to be stored and sent."""

    document: Document
    claims: list[Claim]
    """The notices that this check may send."""
    told: list[Told]
    """All that is owed now, a digest included."""
    history: list[Notice]
    """Every notice, also those that a digest stands for."""
    deferred: int = 0
    """Alerts whose change had no room: the next check tells it."""


@dataclass(frozen=True, slots=True)
class Packing:
    """What one turn has to tell, and how it gets into the outbox."""

    document: Document
    told: Sequence[Told]
    queue: Callable[[Document, Sequence[Told], Digest | None], Posted]
    now: Instant
    pagers: Collection[str]

    def packed(self) -> Posted:
        """As much of it as there is room for."""
        everything = self.queue(self.document, self.told, None)
        if not everything.told or self._holds(everything):
            return everything
        # What is owed already goes into the digest too: it must not be told after what came later.
        outbox = dict(self.document.outbox)
        older = take_old(outbox, pagers=self.pagers)
        return _Search(replace(self, document=replace(self.document, outbox=outbox)), older).best()

    def _holds(self, everything: Posted) -> bool:
        recorded = sum(map(notice_size, everything.history))
        return recorded <= HISTORY_LIMIT and _fits(everything, self.told, ROOM)


class _Search:
    """For the most that fits, once not all of it does."""

    def __init__(self, packing: Packing, older: Sequence[Pending]) -> None:
        self._packing = packing
        self._older = older
        self._changes = changes(packing.told)
        self._weights = {each.notice.id: notice_size(each.notice) for each in packing.told}

    def best(self) -> Posted:
        """All, and as many whole as possible; else what there is room for, none of it whole."""
        everything = self._changes
        if self._fits(everything, ROOM):
            whole = most(lambda whole: self._fits(everything, ROOM, whole), len(everything))
            return self._posted(everything, whole)
        begun = [each for each in everything if begins(each[-1])]
        others = [each for each in everything if not begins(each[-1])]
        taken = begun[: most(lambda some: self._fits(begun[:some], ROOM_TO_BEGIN), len(begun))]
        room = max(ROOM, size(self._posted([]).document))
        more = most(lambda some: self._fits([*taken, *others[:some]], room), len(others))
        return self._posted([*taken, *others[:more]])

    def _fits(self, taken: Sequence[Change], room: int, whole: int = 0) -> bool:
        told = [each for change in taken for each in change]
        recorded = sum(self._weights[each.notice.id] for each in told)
        return recorded <= HISTORY_LIMIT and _fits(self._posted(taken, whole), told, room)

    def _posted(self, taken: Sequence[Change], whole: int = 0) -> Posted:
        """Take on these changes, the first of them whole, and take back all others."""
        packing, known = self._packing, {id(each) for each in taken}
        deferred = [each for each in self._changes if id(each) not in known]
        kept = [told for change in taken[:whole] for told in change]
        rest = [told for change in taken[whole:] for told in change]
        stands_in = self._digest(rest)
        posted = packing.queue(
            take_back(packing.document, deferred),
            [*kept, *for_pagers(rest, packing.pagers)],
            stands_in,
        )
        told = [*kept, *rest, *([stands_in.told] if stands_in else [])]
        history = [each.notice for each in told]
        return replace(posted, history=history, deferred=len(deferred))

    def _digest(self, rest: Sequence[Told]) -> Digest | None:
        if not (rest or self._older):
            return None
        return for_people(rest, self._older, self._packing.now, pagers=self._packing.pagers)


def _fits(posted: Posted, told: Sequence[Told], room: int) -> bool:
    """Whether the document has room, and for the ends of what begins too."""
    document = posted.document
    total = size(document)
    if total <= ROOM_TO_BEGIN or not any(map(begins, told)):
        return total <= room
    return total <= room and size(replace(document, outbox={})) <= ROOM_TO_BEGIN


def most(fits: Callable[[int], bool], upto: int) -> int:
    """About the largest number up to this that fits; none is taken to fit."""
    if fits(upto):
        return upto
    low, high = 0, upto
    while high - low > 1 and (low == 0 or high - low > upto // FINENESS):
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
