"""When a project has more to tell than its document can hold.

The most severe notices stay as they are. Of the others people get one digest, which says how many
and of what; a pager still gets each, since only its own end closes a page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from headroom.domain.alerts import Told
from headroom.domain.headline import DIGEST, LENGTH
from headroom.domain.notices import Kind, Notice, digest, incident_id
from headroom.domain.outbox import Outbox, drop
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.windows import Instant
from headroom.domain.wording import ascii_line, shorten

Fits = Callable[[Sequence[Told]], bool]


def fit(
    told: Sequence[Told],
    older: Sequence[Told],
    fits: Fits,
    now: Instant,
    *,
    pagers: Collection[str],
) -> list[Told]:
    """As many of the most severe as fit, one digest of the rest and of `older`, pagers' own last.

    If not even that fits, pagers get the ends, and only the most severe of what is not one.
    """
    ranked = sorted(told, key=lambda each: -each.notice.severity.rank)
    found = list(told)
    for ends_only in (False, True):
        kept = len(ranked)
        while kept:
            kept //= 2
            rest = ranked[kept:]
            paged = list(_for_pagers(rest, pagers, ends_only=ends_only))
            found = [*ranked[:kept], *paged, _digest([*rest, *older], now, pagers)]
            if fits(found):
                return found
    return found


def take_old(outbox: Outbox, *, pagers: Collection[str]) -> list[Told]:
    """Take out what people are owed already, but for what may be on its way.

    Of what only pagers are owed then, what nobody has tried to send yet is made slim.
    """
    taken = []
    for key, pending in list(outbox.items()):
        waiting = [
            name for name, owed in pending.owed.items() if name not in pagers and not owed.lease
        ]
        for name in waiting:
            drop(outbox, key, name)
        if waiting:
            taken.append(Told(pending.notice, tuple(waiting)))
        left = outbox.get(key)
        if left and not any(owed.lease or owed.attempts for owed in left.owed.values()):
            outbox[key] = replace(left, notice=slim(left.notice))
    return taken


def _for_pagers(
    rest: Sequence[Told], pagers: Collection[str], *, ends_only: bool
) -> Iterator[Told]:
    for each in rest:
        channels = tuple(name for name in each.channels if name in pagers)
        if channels and (each.notice.kind.ends or not ends_only):
            yield Told(slim(each.notice), channels, each.before)


def slim(notice: Notice) -> Notice:
    """Without what takes the room: history has it whole."""
    return replace(notice, readings=(), description="", runbook="")


def _digest(rest: Sequence[Told], now: Instant, pagers: Collection[str]) -> Told:
    """One notice for people."""
    worst = max(rest, key=lambda each: each.notice.severity.rank).notice
    counts = Counter(f"{each.notice.rule} {each.notice.kind}" for each in rest)
    listed = ", ".join(f"{count} x {what}" for what, count in counts.most_common(20))
    line = f"{worst.severity.upper()} {len(rest)} more notices {worst.project}: {listed}"
    notice = Notice(
        id=digest(DIGEST, *(each.notice.id for each in rest)),
        incident_id=incident_id(worst.project, DIGEST, "", now),
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
    people = {name: None for each in rest for name in each.channels if name not in pagers}
    return Told(notice, tuple(people) or (DEFAULT_CHANNEL,))
