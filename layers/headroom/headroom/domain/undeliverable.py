"""The built-in alert `undeliverable`: one for each channel that refuses notices for good.

A refused notice lies in the dead-letter queue and stays in its project's document, marked, until
the alert of its channel is stored and counts it. So a crash in between loses no report.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from headroom.domain.builtin_alerts import BuiltInAlert
from headroom.domain.formatting import among
from headroom.domain.headline import UNDELIVERABLE
from headroom.domain.outbox import GivenUp
from headroom.domain.rules import DEFAULT_CHANNEL, HEADROOM, Severity
from headroom.domain.windows import HOUR, Instant

CALM = HOUR
"""Seconds without a refusal before an accepted notice ends the alert: one that a channel refuses
and one that it accepts may take turns."""

FORGOTTEN = 24 * HOUR
"""Seconds without a refusal after which the alert ends, though nothing was accepted either."""

NAMED = 20
"""Projects that are kept by name."""

COUNTED = 500
"""Notices of one channel that are counted at a time, 12 KB; the rest stay until there is room."""

QUIET = "no refusal in 24 h"
WAY_OUT = "Fix the channel, then run headroom redrive."


@dataclass(frozen=True, slots=True)
class Lost:
    """What one channel has refused since its alert began."""

    count: int = 0
    projects: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
    """The worst of what was refused."""
    reason: str = ""
    """The channel's own words, the last time."""
    last: str = ""
    """The first line of the latest."""
    at: Instant = 0
    """When a refusal was last found."""
    accepted: Instant = 0
    """When the channel was last seen to accept a notice after a refusal."""
    counted: tuple[str, ...] = ()
    """Ids of the notices that are counted, and lie in their documents still."""

    def plus(self, refused: GivenUp, now: Instant) -> Lost:
        """With one more refused notice."""
        notice = refused.notice
        known = len(self.projects) >= NAMED or notice.project in self.projects
        return replace(
            self,
            count=self.count + 1,
            projects=self.projects if known else (*self.projects, notice.project),
            severity=max(self.severity, notice.severity, key=lambda each: each.rank),
            reason=refused.owed.refused or f"{refused.owed.given_up}, dead-letter queue fails",
            last=notice.summary,
            at=now,
            counted=(*self.counted, notice.id),
        )

    def over(self, now: Instant) -> bool:
        """Whether the channel is well again, or nobody has needed it for a day."""
        quiet = now - self.at
        well = quiet >= FORGOTTEN or (quiet >= CALM and self.accepted > self.at)
        return well and not self.counted


def lost(before: Mapping[str, Lost], lying: Sequence[GivenUp], now: Instant) -> dict[str, Lost]:
    """By channel, with the refused notices that lie in their documents: each is counted once."""
    there = {(each.channel, each.notice.id) for each in lying}
    found = {
        name: replace(each, counted=tuple(one for one in each.counted if (name, one) in there))
        for name, each in before.items()
    }
    for each in lying:
        known = found.get(each.channel, Lost())
        more = len(known.counted) < COUNTED and each.notice.id not in known.counted
        if more and each.channel != DEFAULT_CHANNEL:  # of which nobody is left to notify
            found[each.channel] = known.plus(each, now)
    return found


def unsettled(found: Mapping[str, Lost], now: Instant) -> dict[str, Lost]:
    """Those whose alert is not over."""
    return {name: each for name, each in found.items() if not each.over(now)}


def undeliverable(channel: str, found: Lost, installation: str) -> BuiltInAlert:
    """The alert of a channel."""
    notices = "1 notice" if found.count == 1 else f"{found.count} notices"
    projects = among(sorted(found.projects))
    return BuiltInAlert(
        project=HEADROOM,
        rule=UNDELIVERABLE,
        routing=dict.fromkeys(Severity, (DEFAULT_CHANNEL,)),
        severity=found.severity,
        since=found.at,
        reason=f"{found.reason}: {notices} of {projects} not delivered. {WAY_OUT}",
        series=channel,
        description=f"The last: {found.last}",
        installation=installation,
    )


def why_over(found: Lost | None) -> str:
    """What the end of the alert says; '' where the channel accepts notices again."""
    return "" if found and found.accepted > found.at else QUIET


def reported(found: Mapping[str, Lost]) -> frozenset[tuple[str, str]]:
    """Channel and id of the refused notices that may leave their documents."""
    return frozenset((name, one) for name, each in found.items() for one in each.counted)


def accepting(
    before: Mapping[str, Lost], channels: Collection[str], now: Instant
) -> dict[str, Lost]:
    """With the channels that have accepted a notice at `now`, where that says something new."""
    return {
        name: replace(each, accepted=now) if name in channels and each.accepted <= each.at else each
        for name, each in before.items()
    }
