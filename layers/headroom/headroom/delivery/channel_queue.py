"""One channel in one check: what it still has to get, in which messages, and how it does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from headroom.delivery.backlog import Backlog
from headroom.domain.claims import Claim
from headroom.ports import Channel, Chat

IN_A_ROW = 3
"""Different notices that fail one after the other before the channel itself may be at fault. It is
if it does not take the next either, of another project if any waits."""

SINGLY = 5
"""Notices that a chat channel gets one by one in a check; the rest goes as one digest."""

STUBBORN = 3
"""Tries that failed while the channel took others, after which a notice is in no digest any more:
whatever the channel has against it must not hold back others. After so many tries that say nothing
a single notice goes before a digest, to see whether the channel takes anything."""


@dataclass(slots=True)
class ChannelQueue:
    """One channel in this check: what it still has to get, and how it does."""

    name: str
    channel: Channel | None
    waiting: Backlog = field(default_factory=Backlog)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    works: bool = False
    """Whether it took anything."""
    in_a_row: int = 0
    """Tries that failed since it last took anything."""
    failing: set[str] = field(default_factory=set)
    """The projects that these were for."""
    singly: int = 0
    """Messages that were sent for one notice each, Headroom's own reports aside."""
    digested: bool = False
    stopped: bool = False
    """Nothing more is sent in this check."""

    @property
    def chat(self) -> Chat | None:
        """The channel, where people read its messages one after the other."""
        return (
            self.channel if isinstance(self.channel, Chat) and not self.channel.is_pager else None
        )

    @property
    def doubted(self) -> bool:
        """Whether so many failed in a row that the next one has to show what is at fault."""
        return self.in_a_row >= IN_A_ROW

    def took(self) -> None:
        """The channel accepted a message."""
        self.works, self.in_a_row = True, 0
        self.failing.clear()

    def failed(self, claims: Sequence[Claim], *, channel_at_fault: bool) -> None:
        """The channel did not take a message for these."""
        # What it refused before, beside others, says nothing of the channel.
        counts = not any(each.delivery.own_failures for each in claims)
        self.stopped = channel_at_fault or (counts and self.doubted)
        self.in_a_row += counts
        self.failing.update(each.project for each in claims)

    def next(self, *, all_offered: bool) -> list[Claim]:
        """Take what one message is sent for now; empty: nothing, for now."""
        if given_up := self.waiting.take(fit=lambda each: bool(each.delivery.given_up)):
            return [given_up]
        if self.doubted:
            return self._probe() if all_offered else []
        if self.chat is None:
            return self._one(self.waiting.take(untried_first=not self.works))
        if report := self.waiting.take(fit=lambda each: each.is_report and not each.tried):
            return [report]
        if self.singly < SINGLY and not self.digested:
            found = self._one(self.waiting.take(fit=lambda each: not each.tried))
            if found:
                return found
        return self._rest() if all_offered else []

    def _probe(self) -> list[Claim]:
        """See whether the channel is at fault, or what it was sent.

        By what has been due longest, and is of another project if any is: were it the most urgent,
        new notices that are not taken could hold back all others in each check.
        """
        other = self.waiting.take_longest_due(lambda each: each.project not in self.failing)
        return self._one(other or self.waiting.take_longest_due())

    def _rest(self) -> list[Claim]:
        """At the end of the check: what was tried before, and what is beyond the first few."""
        if not self.digested and self.singly + self.waiting.of_projects > SINGLY:
            if not self.works and self.waiting.least_tried >= STUBBORN:
                return self._one(self.waiting.take())  # to see whether it takes anything
            self.digested, self.singly = True, 0
            if together := self._together():
                return together
        if report := self.waiting.take(fit=lambda each: each.is_report):
            return [report]
        if self.singly < SINGLY:
            return self._one(self.waiting.take())
        return self._together()  # what followed one that had to go alone

    def _together(self) -> list[Claim]:
        """All that a digest may stand for."""
        return [each for lane in self.waiting.take_lanes(_for_digest) for each in lane]

    def _one(self, claim: Claim | None) -> list[Claim]:
        self.singly += claim is not None
        return [] if claim is None else [claim]


def _for_digest(claim: Claim) -> bool:
    """A digest has one line for a notice: too little for a report that lists projects and a fix."""
    return not claim.is_report and claim.delivery.own_failures < STUBBORN
