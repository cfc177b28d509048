"""The cap on a project's open alerts: beyond it none begins, and one built-in alert counts them.

So a document stays small, whatever fires and however long a channel is down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

from headroom.domain.alerts import Told
from headroom.domain.headline import BUILT_IN, OVERFLOW
from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind, Notice
from headroom.domain.outbox import Outbox
from headroom.domain.rules import Project, Severity
from headroom.domain.troubles import Trouble
from headroom.domain.windows import Instant

MOST = 200
"""Alerts of one project that may be open, or have notices that are pending."""


def listed(incidents: Mapping[str, Incident], outbox: Outbox) -> set[str]:
    """The alerts that count: open, or with a notice that a channel has not accepted yet."""
    opened = {key for key, each in incidents.items() if each.last.rule not in BUILT_IN}
    notices = (each.notice for each in outbox.values())
    return opened | {each.alert_id for each in notices if each.rule not in BUILT_IN}


def admit(
    told: Sequence[Told],
    incidents: dict[str, Incident],
    taken: Collection[str],
    *,
    room: int,
    size: Callable[[Notice], int],
) -> tuple[list[Told], list[Notice]]:
    """What may be told, in its order, and the notices of alerts that there is no room for.

    The most severe of the alerts that begin have a place beside the `taken`, up to `MOST` in all;
    the incidents of the others are removed, to begin in a later check. Where even so more would be
    told than `room` bytes of history take, each of a `size`, the oldest `missed` are left out.
    """
    worst: dict[str, int] = {}
    for each in told:
        alert = each.notice.alert_id
        if alert not in taken:
            worst[alert] = max(worst.get(alert, 0), each.notice.severity.rank)
    places = max(0, MOST - len(taken))
    beyond = set(sorted(worst, key=lambda alert: -worst[alert])[places:])
    for alert in beyond:
        incidents.pop(alert, None)
    unlisted = {each.notice.id for each in told if each.notice.alert_id in beyond}
    unlisted |= _too_many(told, unlisted, room, size)
    return (
        [each for each in told if each.notice.id not in unlisted],
        [each.notice for each in told if each.notice.id in unlisted],
    )


def _too_many(
    told: Sequence[Told], unlisted: Collection[str], room: int, size: Callable[[Notice], int]
) -> set[str]:
    """The ids of the oldest `missed` that leave room for the rest."""
    sizes = {each.notice.id: size(each.notice) for each in told if each.notice.id not in unlisted}
    total, left_out = sum(sizes.values()), set[str]()
    over = (each.notice for each in told if each.notice.kind is Kind.MISSED)
    for notice in sorted(over, key=lambda each: each.since):
        if total <= room:
            break
        if notice.id in sizes:
            left_out.add(notice.id)
            total -= sizes[notice.id]
    return left_out


def overflow(project: Project, unlisted: Sequence[Notice], now: Instant) -> Trouble:
    """The alert of a project of which more series breach than have a place."""
    worst = {each.alert_id: each.severity for each in sorted(unlisted, key=_rank)}
    counts = Counter(worst.values())
    return Trouble(
        project=project.name,
        rule=OVERFLOW,
        routing=project.routing,
        severity=max(counts, key=lambda each: each.rank, default=None),
        since=now,
        reason=_reason(counts),
        line=project,
        installation=project.installation,
    )


def _rank(notice: Notice) -> int:
    return notice.severity.rank


def _reason(counts: Counter[Severity]) -> str:
    total = counts.total()
    critical = f" ({counts[Severity.CRITICAL]} critical)" if counts[Severity.CRITICAL] else ""
    return f"{total} more series {'breaches' if total == 1 else 'breach'}{critical}"
