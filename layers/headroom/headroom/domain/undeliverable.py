"""The built-in alert `undeliverable`: one for each channel that refuses notices for good.

A refused notice goes to the dead-letter queue and stays in its project's document, marked, until
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
"""Seconds without a refusal before an accepted notice ends the alert: a channel may accept some
notices and refuse others."""

FORGOTTEN = 24 * HOUR
"""Seconds without a refusal after which the alert ends, though nothing was accepted either."""

NAMED = 20
"""Projects whose names are kept."""

COUNTED = 500
"""Notices of one channel that are counted at a time, 12 KB; the rest stay until there is room."""

QUIET = "no refusal in 24 h"
FIX = "Fix the channel, then run headroom redrive."


@dataclass(frozen=True, slots=True)
class Refusals:
    """The refusals of one channel since its alert began."""

    count: int = 0
    projects: tuple[str, ...] = ()
    severity: Severity = Severity.WARNING
    """The worst severity of a refused notice."""
    reason: str = ""
    """The channel's own words at the last refusal."""
    last: str = ""
    """The first line of the notice that was refused last."""
    at: Instant = 0
    """The time when a refusal was last found."""
    accepted: Instant = 0
    """The time when the channel was last seen to accept a notice after a refusal."""
    counted: tuple[str, ...] = ()
    """Ids of the notices that are counted and still in their documents."""

    def plus(self, refused: GivenUp, now: Instant) -> Refusals:
        """The same with one more refused notice."""
        notice = refused.notice
        known = len(self.projects) >= NAMED or notice.project in self.projects
        return replace(
            self,
            count=self.count + 1,
            projects=self.projects if known else (*self.projects, notice.project),
            severity=max(self.severity, notice.severity, key=lambda each: each.rank),
            reason=refused.delivery.dead_letter
            or f"{refused.delivery.given_up}, dead-letter queue fails",
            last=notice.summary,
            at=now,
            counted=(*self.counted, notice.id),
        )

    def over(self, now: Instant) -> bool:
        """Whether the channel works again, or was not used for a day."""
        quiet = now - self.at
        well = quiet >= FORGOTTEN or (quiet >= CALM and self.accepted > self.at)
        return well and not self.counted


def count_refusals(
    before: Mapping[str, Refusals], given_up: Sequence[GivenUp], now: Instant
) -> dict[str, Refusals]:
    """The refusals by channel, where each refused notice in a document is counted once."""
    there = {(each.channel, each.notice.id) for each in given_up}
    found = {
        name: replace(each, counted=tuple(one for one in each.counted if (name, one) in there))
        for name, each in before.items()
    }
    for each in given_up:
        known = found.get(each.channel, Refusals())
        more = len(known.counted) < COUNTED and each.notice.id not in known.counted
        if more and each.channel != DEFAULT_CHANNEL:  # nobody is left to notify
            found[each.channel] = known.plus(each, now)
    return found


def unsettled(found: Mapping[str, Refusals], now: Instant) -> dict[str, Refusals]:
    """The channels whose alert is not over."""
    return {name: each for name, each in found.items() if not each.over(now)}


def undeliverable_alert(channel: str, found: Refusals, installation: str) -> BuiltInAlert:
    """The alert of a channel."""
    notices = "1 notice" if found.count == 1 else f"{found.count} notices"
    projects = among(sorted(found.projects))
    return BuiltInAlert(
        project=HEADROOM,
        rule=UNDELIVERABLE,
        routing=dict.fromkeys(Severity, (DEFAULT_CHANNEL,)),
        severity=found.severity,
        since=found.at,
        reason=f"{found.reason}: {notices} of {projects} not delivered. {FIX}",
        series=channel,
        description=f"The last: {found.last}",
        installation=installation,
    )


def why_over(found: Refusals | None) -> str:
    """The reason at the end of the alert; '' where the channel accepts notices again."""
    return "" if found and found.accepted > found.at else QUIET


def reported(found: Mapping[str, Refusals]) -> frozenset[tuple[str, str]]:
    """Channel and id of the refused notices that may leave their documents."""
    return frozenset((name, one) for name, each in found.items() for one in each.counted)


def accepting(
    before: Mapping[str, Refusals], channels: Collection[str], now: Instant
) -> dict[str, Refusals]:
    """The same where these channels accepted a notice at `now`, the first after a refusal."""
    return {
        name: replace(each, accepted=now) if name in channels and each.accepted <= each.at else each
        for name, each in before.items()
    }
