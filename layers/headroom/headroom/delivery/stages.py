"""The stages between what was judged and the outbox: which channel gets which notice, or why not.

Each stage takes decisions and returns decisions, and sees nothing of the outbox. Order and lease
come after them, inside the outbox (`enqueue`); `not_sent` names what these two hold back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from headroom.delivery.decisions import Decision, Outcome
from headroom.domain.notices import Kind
from headroom.domain.outbox import Outbox, channels, recipients
from headroom.domain.supersede import missed_notice
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease of this check on what it may send, and what it knows about the channels."""

    token: str
    now: Instant
    until: Instant
    pagers: Collection[str]
    unknown: frozenset[str] = frozenset()
    """Channels that cannot be used now, and may or may not be pagers."""
    known: frozenset[str] | None = None
    """The channels of an older configuration, from the cache: any other may be a pager too. None:
    the configuration is the newest."""
    backing_off: Mapping[str, Instant] = field(default_factory=dict)
    """Channels that asked us to back off, and until when."""
    reported: Collection[tuple[str, str]] = ()
    """Channel and id of notices in the dead-letter queue that are reported, or cannot be."""

    def unknown_in(self, outbox: Outbox) -> frozenset[str]:
        """The channels with pending notices that may or may not be pagers."""
        if self.known is None:
            return self.unknown
        return self.unknown | (frozenset(channels(outbox)) - self.known)


OVER = "it was over before it could be sent"

Stage = Callable[[Sequence[Decision], Lease], list[Decision]]


def missed_instead_of_resolved(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Send `missed` instead of `resolved` to a channel that was not notified of the incident.

    Such a channel is for a higher severity, which the incident reached without a notice.
    """
    return [part for each in decisions for part in _missed_for_new_channels(each, lease)]


def _missed_for_new_channels(decision: Decision, lease: Lease) -> list[Decision]:
    new = tuple(name for name in decision.channels if name not in decision.before)
    if decision.notice.kind is not Kind.RESOLVED or not new:
        return [decision]
    late = replace(decision, notice=missed_notice(decision.notice), channels=new)
    if not decision.before:
        return [late]
    if set(decision.before).issuperset(recipients(late.routed, lease.pagers)):
        late = replace(late, outcome=Outcome.WITHHOLD, reason=OVER)
    return [late, replace(decision, channels=decision.before)]


def spare_pagers(decisions: Sequence[Decision], lease: Lease) -> list[Decision]:
    """Page nobody for what is over: people are notified, on the default channel if need be."""
    parts: list[Decision] = []
    for each in decisions:
        if each.outcome is not Outcome.SEND:
            parts.append(each)
            continue
        names = recipients(each.routed, lease.pagers)
        spared = {name: OVER for name in each.channels if name not in names}
        whole = replace(each, channels=tuple(dict.fromkeys((*each.channels, *names))))
        parts += whole.split(spared, Outcome.WITHHOLD)
    return parts


STAGES: tuple[Stage, ...] = (missed_instead_of_resolved, spare_pagers)
"""In this order: those that choose the channels, then those that withhold the notice from them.
Silences and acknowledgements will be of the second sort, at the end of this list."""
