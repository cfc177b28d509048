"""When one check has more to tell of a project than its document can hold.

The most severe notices stay as they are; the others become one, which says how many and of what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from headroom.domain.headline import LENGTH
from headroom.domain.notices import Kind, Notice, digest, incident_id
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.domain.telling import Told
from headroom.domain.windows import Instant, window_of
from headroom.domain.wording import ascii_line, shorten

RULE = "digest"
"""The built-in rule of such a notice."""


def fit(
    told: Sequence[Told],
    fits: Callable[[Sequence[Told]], bool],
    now: Instant,
    *,
    pagers: Collection[str],
) -> list[Told]:
    """As many of the most severe as fit, in their order, and one digest of the rest."""
    if fits(told):
        return list(told)
    ranked = sorted(told, key=lambda each: -each.notice.severity.rank)
    kept = len(ranked) // 2
    while kept and not fits(_split(ranked, kept, now, pagers)):
        kept //= 2
    return _split(ranked, kept, now, pagers)


def _split(ranked: Sequence[Told], kept: int, now: Instant, pagers: Collection[str]) -> list[Told]:
    return [*ranked[:kept], _digest(ranked[kept:], now, pagers)]


def _digest(rest: Sequence[Told], now: Instant, pagers: Collection[str]) -> Told:
    """One notice for people: a pager could never resolve it."""
    worst = rest[0].notice
    counts = Counter(f"{each.notice.rule} {each.notice.kind}" for each in rest)
    listed = ", ".join(f"{count} x {what}" for what, count in counts.most_common())
    line = f"{worst.severity.upper()} {len(rest)} more notices {worst.project}: {listed}"
    notice = Notice(
        id=digest(RULE, *(each.notice.id for each in rest)),
        incident_id=incident_id(worst.project, RULE, "", window_of(now)),
        kind=Kind.FIRED,
        severity=worst.severity,
        project=worst.project,
        rule=RULE,
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
