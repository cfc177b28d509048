"""What stands for many: one digest for people, and slim notices, one each, for pagers.

Only its own end closes a page, so a pager gets each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.domain.alerts import Told
from headroom.domain.headline import DIGEST, LENGTH
from headroom.domain.notices import Kind, Notice, digest, fingerprint, incident_id
from headroom.domain.outbox import Outbox, Pending, drop, hearing
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom.domain.wording import ascii_line, shorten

LISTED = 20
"""Rules and kinds that a digest names."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One notice for people, with what it stands for."""

    told: Told
    older: Sequence[Pending]
    counts: Mapping[str, int]
    """How many notices, by rule and kind; what an older digest stood for counts on."""


def take_old(outbox: Outbox, *, pagers: Collection[str]) -> list[Pending]:
    """Take out what people are owed already, but for what may be on its way.

    Of what only pagers are owed then, what nobody has tried to send yet is made slim.
    """
    taken = []
    for key, pending in list(outbox.items()):
        waiting = {
            name: owed
            for name, owed in pending.owed.items()
            if name not in pagers and not (owed.lease or owed.refused)
        }
        for name in waiting:
            drop(outbox, key, name)
        if waiting:
            taken.append(replace(pending, owed=waiting))
        left = outbox.get(key)
        if left and not any(owed.lease or owed.attempts for owed in left.owed.values()):
            outbox[key] = replace(left, notice=slim(left.notice))
    return taken


def for_pagers(rest: Sequence[Told], pagers: Collection[str]) -> Iterator[Told]:
    """Each of them, slim, for the pagers alone."""
    for each in rest:
        paged = tuple(name for name in hearing(each, pagers) if name in pagers)
        if paged:
            yield replace(each, notice=slim(each.notice), channels=paged)


def slim(notice: Notice) -> Notice:
    """Without what takes the room: history has it whole."""
    return replace(notice, readings=(), description="", runbook="")


def for_people(
    rest: Sequence[Told], older: Sequence[Pending], now: Instant, *, pagers: Collection[str]
) -> Digest:
    """One notice for all that people do not get each; there is at least one."""
    counts = _counts(rest, older)
    notices = [*(each.notice for each in rest), *(each.notice for each in older)]
    worst = max(notices, key=lambda each: each.severity.rank)
    listed = ", ".join(f"{count} x {what}" for what, count in counts.most_common(LISTED))
    many = f"{counts.total()} more notices"
    alert = fingerprint(worst.installation, (), worst.project, DIGEST, "")
    line = f"{worst.severity.upper()} {many} {worst.project}: {listed}"
    notice = Notice(
        id=digest(DIGEST, *(each.id for each in notices)),
        incident_id=incident_id(alert, now),
        alert=alert,
        installation=worst.installation,
        kind=Kind.FIRED,
        severity=worst.severity,
        project=worst.project,
        rule=DIGEST,
        region=worst.region,
        account_id=worst.account_id,
        project_id=worst.project_id,
        client_env=worst.client_env,
        since=now,
        at=now,
        summary=shorten(ascii_line(line), LENGTH),
        studio_url=worst.studio_url,
        description=listed,
    )
    heard = [name for each in rest for name in hearing(each, pagers) if name not in pagers]
    people = dict.fromkeys([*heard, *(name for each in older for name in each.owed)])
    return Digest(Told(notice, tuple(people) or (DEFAULT_CHANNEL,)), older, counts)


def _counts(rest: Sequence[Told], older: Sequence[Pending]) -> Counter[str]:
    counts = Counter(_what(each.notice) for each in rest)
    for each in older:
        counts.update(each.counts or [_what(each.notice)])
    return counts


def _what(notice: Notice) -> str:
    return f"{notice.rule} {notice.kind}"
