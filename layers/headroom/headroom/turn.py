"""One project's turn in a check: its document before -> its document after, and what was told.

Pure, like evaluation; `check.py` reads, writes and sends around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.digest import fit, take_old
from headroom.domain.again import REMEMBERED, closings, recent
from headroom.domain.evaluation import Standing, evaluate
from headroom.domain.headline import DIGEST, UNDELIVERABLE, headline
from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind, Notice, digest, incident_id
from headroom.domain.outbox import Claim, Outbox, claim, enqueue, expire, take_refused
from headroom.domain.overtaking import overtake
from headroom.domain.readings import Answer, Failure
from headroom.domain.removal import close_all
from headroom.domain.rules import DEFAULT_CHANNEL, Project, Refused
from headroom.domain.telling import Told
from headroom.domain.troubles import configured, keep, misconfigured, unreachable
from headroom.domain.windows import Instant, Moment, window_of
from headroom.own import Own
from headroom.state.codec import LIMIT, size
from headroom.state.document import REMOVED, Document, Watermark

ROOM = LIMIT * 4 // 5
"""Bytes of a document before its leases are taken, which need some too."""

Answers = Mapping[str, Answer | Failure]

Entry = Project | Refused | Own | None
"""What a document is about: a project as it is configured now, or Headroom itself."""


QUIET_FOR = 3600
"""Seconds that a quiet document stays, so that a slow check cannot create it anew."""


def judge(
    document: Document,
    entry: Entry,
    answers: Answers,
    moment: Moment,
    *,
    first: bool,
) -> tuple[Document, list[Told]]:
    """Evaluate a project as it is configured now: good, refused, or not any more (None).

    A check that comes late, after a newer one has evaluated the project, changes nothing.
    """
    late = document.watermark > moment.closed and not first
    if late or document.judged_at > moment.now:
        return document, []
    closed = recent(document.closed, moment.now) if document.closed else {}
    before = replace(document, judged_at=moment.now, closed=closed)
    after, told = _judge(before, entry, answers, moment, first=first)
    if told:
        after = replace(after, closed=closed | closings(told, moment.now))
    return after, told


def _judge(
    document: Document, entry: Entry, answers: Answers, moment: Moment, *, first: bool
) -> tuple[Document, list[Told]]:
    if entry is None:
        return _remove(document, moment)
    if isinstance(entry, Own):
        return _look_inward(document, entry, moment)
    if isinstance(entry, Refused):
        return _refuse(document, entry, moment)
    return _evaluate(document, entry, answers, moment, first=first)


def _evaluate(
    document: Document, project: Project, answers: Answers, moment: Moment, *, first: bool
) -> tuple[Document, list[Told]]:
    watermark = None if first else document.watermark
    standing = Standing(
        watermark, document.behind, document.incidents, document.unread, document.closed
    )
    done = evaluate(project, standing, answers, moment)
    incidents = dict(done.standing.incidents)
    failing = bool(done.failures)
    trouble = unreachable(project, done.failures, document.failing_since, moment.now)
    told = [
        *done.told,
        *keep(configured(project, moment.now), incidents, moment.now),
        *keep(trouble, incidents, moment.now, failing=failing),
    ]
    after = replace(
        document,
        watermark=moment.closed,
        behind=dict(done.standing.behind),
        unread=dict(done.standing.unread),
        failing_since=trouble.since if failing else None,
        incidents=incidents,
        config_version=project.version,
    )
    return after, told


def _refuse(document: Document, refused: Refused, moment: Moment) -> tuple[Document, list[Told]]:
    """Keep everything of a project whose configuration is refused, and say so once."""
    incidents = dict(document.incidents)
    told = keep(misconfigured(refused, moment.now), incidents, moment.now)
    return replace(document, incidents=incidents, config_version=refused.version), told


def _look_inward(document: Document, own: Own, moment: Moment) -> tuple[Document, list[Told]]:
    incidents = dict(document.incidents)
    told = own.keep(incidents, moment.now)
    return replace(document, watermark=moment.closed, incidents=incidents), told


def _remove(document: Document, moment: Moment) -> tuple[Document, list[Told]]:
    """Close what is open of a project that is configured no more."""
    incidents: dict[str, Incident] = dict(document.incidents)
    told = list(close_all(incidents, moment.now))
    after = replace(document, incidents=incidents, behind={}, unread={}, failing_since=None)
    return replace(after, config_version=REMOVED), told


def worth_storing(
    stored: Document | None, after: Document, mark: Watermark | None, now: Instant
) -> Document | None:
    """What has to be written, if anything: only trouble is stored.

    A document that has gone quiet stays, empty; once the shard's watermark has passed its own it
    gets an hour to live, or as long as what an edit closed could fire again.
    """
    if not after.quiet:
        same = stored is not None and replace(after, judged_at=stored.judged_at) == stored
        return None if same else after
    if stored is None:
        return None
    if not stored.quiet or after.config_version != stored.config_version:
        return replace(after, reported=(), expires_at=None)
    passed = mark is not None and mark.window >= stored.watermark
    if not passed or stored.expires_at:
        return None
    needed = max((at + REMEMBERED for at in stored.closed.values()), default=0)
    return replace(stored, expires_at=max(now + QUIET_FOR, needed))


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
