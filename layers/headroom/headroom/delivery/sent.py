"""The results of one check's sends, one for each notice and channel, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from headroom.delivery.decisions import Decision, Outcome
from headroom.domain.claims import Claim
from headroom.domain.delivery_failures import DeliveryFailure, FailureCause

NOT_TRIED = "left for a later check: a notice before it failed, or time ran out"
"""Why a leased notice was not sent."""

SendKey = tuple[str, str, str]
"""Project, notice id and channel."""


class Result(StrEnum):
    """The result of one notice on one channel."""

    ACCEPTED = "accepted"
    RETRY = "will be tried again"
    GIVEN_UP = "given up, not yet in the dead-letter queue"
    DEAD_LETTER = "given up, now in the dead-letter queue"


@dataclass(frozen=True, slots=True)
class Send:
    """One notice that this check sent to one channel, or gave up."""

    result: Result
    failure: DeliveryFailure | None = None
    """Why the channel did not accept it; None also when an earlier check had given it up."""
    settled: bool = False
    """It is recorded that the delivery is not pending any more."""


@dataclass(slots=True)
class Sent:
    """The results, collected while the check sends, and read at its end."""

    sends: dict[SendKey, Send] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    recorded: bool = True
    """Whether every result could be stored."""
    bugs: list[BaseException] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many notices were accepted."""
        return sum(each.result is Result.ACCEPTED for each in self.sends.values())

    @property
    def failures(self) -> Counter[FailureCause]:
        """Failed sends, by cause; each is tried again, or is in the dead-letter queue."""
        return Counter(each.failure.cause for each in self.sends.values() if each.failure)

    @property
    def settled(self) -> frozenset[SendKey]:
        """The deliveries that are not pending any more: accepted, or in the dead-letter queue."""
        return frozenset(key for key, each in self.sends.items() if each.settled)

    @property
    def accepted(self) -> frozenset[str]:
        """The channels that accepted anything."""
        accepted = Result.ACCEPTED
        return frozenset(
            channel for (_, _, channel), each in self.sends.items() if each.result is accepted
        )

    def accept(self, claims: Iterable[Claim]) -> None:
        """Note that the channel accepted these."""
        self.sends.update((_key(each), Send(Result.ACCEPTED)) for each in claims)

    def fail(self, claims: Iterable[Claim], failure: DeliveryFailure) -> None:
        """Note that the channel did not accept these."""
        self.sends.update((_key(each), Send(Result.RETRY, failure)) for each in claims)

    def give_up(self, claim: Claim, result: Result) -> None:
        """Note that a notice is not tried again, since now or since an earlier check."""
        before = self.sends.get(_key(claim))
        self.sends[_key(claim)] = Send(result, before.failure if before else None)

    def settle(self, claim: Claim) -> None:
        """Note that it is recorded: the delivery is not pending any more."""
        self.sends[_key(claim)] = replace(self.sends[_key(claim)], settled=True)

    def problem(self, claims: Sequence[Claim], text: str) -> None:
        """Add a line about one notice, or about the digest that stood for several."""
        first = claims[0]
        what = f"{first.project}: notice {first.notice.id} ({first.notice.kind})"
        if len(claims) > 1:
            what = f"digest of {len(claims)} notices"
        self.problems.append(f"{what} to {first.channel}: {text}")

    def not_accepted(self, project: str, decision: Decision) -> list[Decision]:
        """Split a project's decision by the channels that did not accept the notice, with reasons.

        A decision not to send is returned as it is.
        """
        if decision.outcome is not Outcome.SEND:
            return [decision]
        found: list[Decision] = []
        for channel in decision.channels:
            only = replace(decision, channels=(channel,))
            send = self.sends.get((project, decision.notice.id, channel))
            if send is None:
                found.append(replace(only, outcome=Outcome.WAIT, reason=NOT_TRIED))
            elif send.failure:
                reason = f"{send.failure.reason}; {send.result}"
                cause = send.failure.cause
                found.append(replace(only, outcome=Outcome.FAIL, reason=reason, cause=cause))
        return found


def _key(claim: Claim) -> SendKey:
    return claim.project, claim.notice.id, claim.channel
