"""The limit of a project's open alerts: beyond it none begins, and one built-in alert counts them.

So a document stays small, whatever fires and however long a channel is down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from headroom.domain.alerts import RoutedNotice
from headroom.domain.builtin_alerts import BuiltInAlert
from headroom.domain.headline import BUILT_IN, OVERFLOW
from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind, Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.rules import Project, Severity
from headroom.domain.windows import Instant

MOST = 200
"""Alerts of one project that may be open."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The bytes that the store can hold (`state/codec.CAPACITY`)."""

    whole: int
    """The size that a document should stay below."""
    size: Callable[[ProjectState], int]
    history: int
    """The size that one write may add to the history."""
    notice_size: Callable[[Notice], int]
    """The size of a notice in the history."""

    def free(self, state: ProjectState) -> int:
        """The bytes that a document may still grow by."""
        return self.whole - self.size(state)


LONGEST = 1500
"""Bytes that one alert with all its notices takes in a document, where its texts are very long."""

GROWTH = 500
"""Bytes that an alert may still grow by while its notices are pending."""


@dataclass(frozen=True, slots=True)
class Places:
    """The alerts that have a place before a check, and how many more may begin."""

    opened: Collection[str]
    """Alerts that are open."""
    pending: Collection[str]
    """Alerts that are over, with a notice that is still pending."""
    spare: int = 0
    """Criticals that may begin although pending ones have the places; the size allows so many."""

    @property
    def taken(self) -> int:
        """Alerts that are open or pending."""
        return len(self.opened) + len(self.pending)


def places(state: ProjectState, capacity: Capacity) -> Places:
    """Count the alerts that are open or pending before a check."""
    opened = {key for key, each in state.incidents.items() if each.last.rule not in BUILT_IN}
    notices = (each.notice for each in state.outbox.values())
    owed = {each.alert_id for each in notices if each.rule not in BUILT_IN}
    found = Places(opened, owed - opened)
    if not found.pending:
        return found
    return replace(found, spare=max(0, capacity.free(state) - GROWTH * found.taken) // LONGEST)


def admit(
    notices: Sequence[RoutedNotice],
    incidents: dict[str, Incident],
    places: Places,
    capacity: Capacity,
) -> tuple[list[RoutedNotice], list[Notice]]:
    """The notices that may be sent, in their order, and those of alerts that have no place.

    The most severe of the alerts that begin have a place, up to `MOST` in all; the incidents of the
    others are removed, to begin in a later check. A pending alert never keeps a critical on a whole
    line from beginning, and another critical only if the document has no bytes left. If the notices
    are still more than the history takes at once, the oldest `missed` are left out.
    """
    beyond = _beyond(notices, places)
    for alert in beyond:
        incidents.pop(alert, None)
    unlisted = {each.notice.id for each in notices if each.notice.alert_id in beyond}
    unlisted |= _too_many(notices, unlisted, capacity)
    return (
        [each for each in notices if each.notice.id not in unlisted],
        [each.notice for each in notices if each.notice.id in unlisted],
    )


def _beyond(notices: Sequence[RoutedNotice], places: Places) -> set[str]:
    """The alerts that begin without a place."""
    worst: dict[str, Notice] = {}
    for each in sorted((one.notice for one in notices), key=_rank):
        if each.alert_id not in places.opened:
            worst[each.alert_id] = each
    beyond, open_left = set[str](), MOST - len(places.opened)
    left = max(0, MOST - places.taken)
    for alert, notice in sorted(worst.items(), key=lambda one: _order(one[1])):
        known = alert in places.pending
        critical = notice.severity is Severity.CRITICAL
        spare = places.spare if critical else 0
        whole = critical and not notice.series
        if open_left > 0 and (known or whole or left + spare > 0):
            open_left -= 1
            left -= not known
        else:
            beyond.add(alert)
    return beyond


def _order(notice: Notice) -> tuple[int, bool]:
    """The most severe first, a whole line before its series."""
    return -notice.severity.rank, bool(notice.series)


def _too_many(
    notices: Sequence[RoutedNotice], unlisted: Collection[str], capacity: Capacity
) -> set[str]:
    """The ids of the oldest `missed`, as many as the history has no room for."""
    begun = [each.notice for each in notices if each.notice.id not in unlisted]
    sizes = {each.id: capacity.notice_size(each) for each in begun}
    total, left_out = sum(sizes.values()), set[str]()
    over = (each.notice for each in notices if each.notice.kind is Kind.MISSED)
    for notice in sorted(over, key=lambda each: each.since):
        if total <= capacity.history:
            break
        if notice.id in sizes:
            left_out.add(notice.id)
            total -= sizes[notice.id]
    return left_out


def overflow_alert(project: Project, unlisted: Sequence[Notice], now: Instant) -> BuiltInAlert:
    """The alert of a project where more series breach than have a place."""
    worst = {each.alert_id: each.severity for each in sorted(unlisted, key=_rank)}
    counts = Counter(worst.values())
    return BuiltInAlert(
        project=project.name,
        rule=OVERFLOW,
        routing=project.routing,
        severity=max(counts, key=lambda each: each.rank, default=None),
        since=now,
        reason=_reason(counts),
        of=project,
        installation=project.installation,
    )


def _rank(notice: Notice) -> int:
    return notice.severity.rank


def _reason(counts: Counter[Severity]) -> str:
    total = counts.total()
    if not total:
        return ""  # with a reason, the end would read as something else than recovery
    critical = f" ({counts[Severity.CRITICAL]} critical)" if counts[Severity.CRITICAL] else ""
    return f"{total} more series {'breaches' if total == 1 else 'breach'}{critical}"
