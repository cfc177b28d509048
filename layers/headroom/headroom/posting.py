"""What was told, into the outbox: bounded, in order, and leased by whoever may send it.

Pure, like the turn before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from headroom.domain.alerts import Told
from headroom.domain.headline import UNDELIVERABLE, headline
from headroom.domain.notices import Kind, Notice, digest, fingerprint, incident_id
from headroom.domain.outbox import Claim, Outbox, claim, enqueue, expire, take_refused, waits
from headroom.domain.overtaking import overtake, thin_out
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant, window_of
from headroom.state.codec import LIMIT, size
from headroom.state.document import Document

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


@dataclass(frozen=True, slots=True)
class Posted:
    """What a turn leaves to be stored and sent."""

    document: Document
    claims: list[Claim]
    """The notices that this check may send."""
    told: list[Told]
    """All that is told now, reports of refusals included."""

    @property
    def history(self) -> list[Notice]:
        """Every notice of it."""
        return [each.notice for each in self.told]


def post(document: Document, told: Sequence[Told], sender: Sender) -> Posted:
    """Put what was told in the outbox, and lease all that may be sent now."""
    outbox = dict(document.outbox)
    expire(outbox, sender.now)
    reports, reported = _reports(take_refused(outbox), document, sender.now)
    everything = [*told, *reports]
    for seq, each in enumerate(everything, document.next_seq):
        enqueue(outbox, each, seq, sender.now, pagers=sender.pagers)
    overtake(outbox, sender.now, pagers=sender.pagers, unknown=sender.unknown)
    if len(outbox) > MANY and size(replace(document, outbox=outbox)) > LIMIT // 2:
        thin_out(outbox, sender.now)
    asked = _still_asked(document, outbox, sender.now)
    claims = claim(outbox, sender.token, sender.until, sender.now, busy=sender.busy)
    after = replace(
        document,
        outbox=outbox,
        reported=reported,
        asked=asked,
        next_seq=document.next_seq + len(everything),
    )
    return Posted(after, claims, everything)


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
    line = (lost.region, lost.account_id, lost.project_id)
    alert = fingerprint(lost.installation, line, lost.project, UNDELIVERABLE, refused.channel)
    notice = replace(
        lost,
        id=digest(lost.id, UNDELIVERABLE, refused.channel),
        incident_id=incident_id(alert, window_of(now)),
        alert=alert,
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
