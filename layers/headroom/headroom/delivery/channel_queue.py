"""One channel in one check: what it still gets, in which messages, and whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from headroom.delivery.backlog import Backlog
from headroom.domain.claims import Claim
from headroom.ports import Channel, Chat

IN_A_ROW = 3
"""Failures in a row after which the channel itself may be at fault. It is if the next message
fails as well, which is for another project if one has anything to send."""

SINGLY = 5
"""Notices that a chat channel gets one by one in a check; the rest go as one digest."""

STUBBORN = 3
"""Failures while the channel accepted others, after which a notice is not in a digest any more: it
may be what the channel refuses, and must not hold back others. After as many failures without such
a sign, one notice is sent before the digest, to see whether the channel accepts anything."""


@dataclass(slots=True)
class ChannelQueue:
    """What one channel still gets in this check, and whether it works."""

    name: str
    channel: Channel | None
    waiting: Backlog = field(default_factory=Backlog)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    works: bool = False
    """Whether it accepted anything."""
    in_a_row: int = 0
    """Failures since it last accepted anything."""
    failing: set[str] = field(default_factory=set)
    """The projects of the notices that failed."""
    singly: int = 0
    """Messages for one notice each, without Headroom's own reports."""
    digested: bool = False
    """A digest was sent."""
    stopped: bool = False
    """Nothing more is sent in this check."""

    @property
    def chat(self) -> Chat | None:
        """The channel if it can send digests: people read its messages one after the other."""
        return (
            self.channel if isinstance(self.channel, Chat) and not self.channel.is_pager else None
        )

    @property
    def doubted(self) -> bool:
        """Whether so many failed in a row that the channel itself may be at fault."""
        return self.in_a_row >= IN_A_ROW

    def accepted(self) -> None:
        """The channel accepted a message."""
        self.works, self.in_a_row = True, 0
        self.failing.clear()

    def failed(self, claims: Sequence[Claim], *, channel_at_fault: bool) -> None:
        """The channel did not accept a message for these."""
        # A notice that failed while others were accepted proves nothing about the channel.
        counts = not any(each.delivery.own_failures for each in claims)
        self.stopped = channel_at_fault or (counts and self.doubted)
        self.in_a_row += counts
        self.failing.update(each.project for each in claims)

    def next(self, *, all_offered: bool) -> list[Claim]:
        """Take the claims of the next message; empty while there is nothing to send."""
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
        """Take one claim to see whether the channel is at fault, or the notices.

        It is the one that has been due longest, of another project if possible. If it were the most
        urgent, new notices that the channel refuses could hold back all others in each check.
        """
        other = self.waiting.take_longest_due(lambda each: each.project not in self.failing)
        return self._one(other or self.waiting.take_longest_due())

    def _rest(self) -> list[Claim]:
        """Take from what was left for the end of the check: retries, and what is over `SINGLY`."""
        if not self.digested and self.singly + self.waiting.of_projects > SINGLY:
            if not self.works and self.waiting.least_tried >= STUBBORN:
                return self._one(self.waiting.take())  # to see whether it accepts anything
            self.digested, self.singly = True, 0
            if together := self._together():
                return together
        if report := self.waiting.take(fit=lambda each: each.is_report):
            return [report]
        if self.singly < SINGLY:
            return self._one(self.waiting.take())
        return self._together()  # what followed one that had to go alone

    def _together(self) -> list[Claim]:
        """Take all that may be in a digest."""
        return [each for lane in self.waiting.take_lanes(_for_digest) for each in lane]

    def _one(self, claim: Claim | None) -> list[Claim]:
        self.singly += claim is not None
        return [] if claim is None else [claim]


def _for_digest(claim: Claim) -> bool:
    """Whether it may be in a digest, which has one line for it: too little for a report."""
    return not claim.is_report and claim.delivery.own_failures < STUBBORN
