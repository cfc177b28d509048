"""Open incidents, pending notices and unreadable documents, from the stored state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from headroom.channels.message import plain, series
from headroom.domain.formatting import duration
from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant, iso
from headroom_cli.console import count
from headroom_cli.doctor.engine import Finding, Findings, fail, ok, warn

TOO_LONG = 600
"""Seconds; the alarm on pending notices uses the same."""

SHOWN, NAMED = 5, 80
"""Incidents that are named, and characters of each."""

KEEP_IT = "fix it as described; do not delete it: it may hold notices that nobody has received"

Waiting = tuple[PendingNotice, PendingDelivery]


@dataclass(frozen=True, slots=True)
class Notices:
    """The documents of all projects that are not quiet."""

    loaded: Callable[[], Loaded]
    clock: Callable[[], Instant]
    log: Callable[[str], str]
    """How to read the log for a channel."""
    name: str = "notices"

    def look(self) -> Findings:
        """See `Probe`."""
        loaded = self.loaded()
        for project, why in loaded.unreadable.items():
            yield fail(f"document {project}", why, KEEP_IT)
        yield ok("incidents", _open(loaded))
        waiting = dict(sorted(_by_channel(loaded).items()))
        if not waiting:
            yield ok(self.name, "none is pending")
        for channel, found in waiting.items():
            yield self._finding(channel, found)

    def _finding(self, channel: str, found: list[Waiting]) -> Finding:
        age = max(0, self.clock() - min(pending.queued_at for pending, _ in found))
        tries = max(delivery.attempts for _, delivery in found)
        detail = f"{len(found)} for {channel}, the oldest for {duration(age)}"
        if tries:
            detail += f", tried {count(tries, 'time')}, next {self._next(found)}"
        if age >= TOO_LONG:
            return fail(self.name, detail, self.log(channel))
        return warn(self.name, detail, self.log(channel)) if tries else ok(self.name, detail)

    def _next(self, found: list[Waiting]) -> str:
        due = min(delivery.retry_at for _, delivery in found)
        return f"at {iso(due)}" if due > self.clock() else "by the next check"


def _open(loaded: Loaded) -> str:
    """Count the open incidents and name the most severe. Series names come from the API."""
    incidents = [each for one in loaded.documents.values() for each in one.incidents.values()]
    incidents.sort(key=lambda each: (-each.episode.severity.rank, each.episode.window))
    named = [
        plain(
            f"{each.episode.severity} {each.last.project} {each.last.rule} {series(each.last)}",
            NAMED,
        )
        for each in incidents[:SHOWN]
    ]
    more = f" and {len(incidents) - SHOWN} more" if len(incidents) > SHOWN else ""
    return f"{len(incidents)} open: {', '.join(named)}{more}" if incidents else "none is open"


def _by_channel(loaded: Loaded) -> Mapping[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = {}
    for channel, pending, delivery in _deliveries(loaded):
        found.setdefault(channel, []).append((pending, delivery))
    return found


def _deliveries(loaded: Loaded) -> Iterator[tuple[str, PendingNotice, PendingDelivery]]:
    """Yield pending sends, except those that were moved to the dead-letter queue."""
    for document in loaded.documents.values():
        for pending in document.outbox.values():
            for channel, delivery in pending.deliveries.items():
                if not delivery.dead_letter:
                    yield channel, pending, delivery
