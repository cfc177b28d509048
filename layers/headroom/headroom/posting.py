"""What was told, into the outbox: bounded, in order, and leased by whoever may send it.

Pure, like the turn before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from headroom.digest import fit, take_old
from headroom.domain.alerts import Told
from headroom.domain.headline import DIGEST, UNDELIVERABLE, headline
from headroom.domain.notices import Kind, Notice, digest, incident_id
from headroom.domain.outbox import Claim, Outbox, claim, enqueue, expire, take_refused
from headroom.domain.overtaking import overtake
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant, window_of
from headroom.state.codec import LIMIT, size
from headroom.state.document import Document

ROOM = LIMIT * 4 // 5
"""Bytes of a document before its leases are taken, which need some too."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who may send what this turn puts in the outbox: this check, until its lease runs out."""

    token: str
    now: Instant
    until: Instant
    pagers: Collection[str]
    busy: Collection[str] = ()
    """Channels that asked to be left alone for now."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a turn leaves to be stored and sent."""

    document: Document
    claims: list[Claim]
    """The notices that this check may send."""
    told: list[Told]
    """All that is owed now, reports of refusals and a digest included."""
    history: list[Notice]
    """Every notice, also those that a digest stands for."""


def post(document: Document, told: Sequence[Told], sender: Sender) -> Posted:
    """Put what was told in the outbox, and lease all that may be sent now."""
    outbox = dict(document.outbox)
    expire(outbox, sender.now)
    reports, reported = _reports(take_refused(outbox), document, sender.now)
    everything = [*told, *reports]
    outbox, owed = _bounded(replace(document, outbox=outbox), everything, sender)
    overtake(outbox, sender.now, pagers=sender.pagers)
    claims = claim(outbox, sender.token, sender.until, sender.now, busy=sender.busy)
    after = replace(
        document, outbox=outbox, reported=reported, next_seq=document.next_seq + len(owed)
    )
    digests = [each for each in owed if each.notice.rule == DIGEST]
    return Posted(after, claims, owed, [each.notice for each in (*everything, *digests)])


def _bounded(document: Document, told: list[Told], sender: Sender) -> tuple[Outbox, list[Told]]:
    """The outbox with these added, digested where the document would grow too large to store."""
    fuller = _with(document, document.outbox, told, sender)
    if not told or size(replace(document, outbox=fuller)) <= ROOM:
        return fuller, told
    # What is owed already goes into the digest too: it must not be told after what came later.
    outbox = dict(document.outbox)
    older = take_old(outbox, pagers=sender.pagers)

    def fits(some: Sequence[Told]) -> bool:
        added = _with(document, outbox, some, sender)
        return size(replace(document, outbox=added)) <= ROOM

    owed = fit(told, older, fits, sender.now, pagers=sender.pagers)
    return _with(document, outbox, owed, sender), owed


def _with(document: Document, outbox: Outbox, told: Sequence[Told], sender: Sender) -> Outbox:
    """The outbox with these added."""
    fuller = dict(outbox)
    for seq, each in enumerate(told, document.next_seq):
        enqueue(fuller, each, seq, sender.now, pagers=sender.pagers)
    return fuller


def _reports(
    refused: Sequence[Claim], document: Document, now: Instant
) -> tuple[list[Told], tuple[str, ...]]:
    """One report on the default channel for each channel, once in a stretch of trouble."""
    reported = list(document.reported)
    reports = []
    for each in refused:
        if each.channel not in (DEFAULT_CHANNEL, *reported):
            reported.append(each.channel)
            reports.append(Told(_report(each, now), (DEFAULT_CHANNEL,)))
    return reports, tuple(reported)


def _report(refused: Claim, now: Instant) -> Notice:
    lost = refused.notice
    notice = replace(
        lost,
        id=digest(lost.id, UNDELIVERABLE, refused.channel),
        incident_id=incident_id(lost.project, UNDELIVERABLE, refused.channel, window_of(now)),
        kind=Kind.FIRED,
        rule=UNDELIVERABLE,
        series=refused.channel,
        series_name="",
        at=now,
        since=now,
        duration_seconds=0,
        description=f"Not delivered: {lost.summary}",
        reason=refused.owed.refused,
        runbook="",
        readings=(),
        summary="",
    )
    return replace(notice, summary=headline(notice))
