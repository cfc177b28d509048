"""The results of one check's sends, one for each notice and channel, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from headroom.delivery.decisions import Decision, Outcome
from headroom.domain.delivery_failures import DeliveryFailure, FailureReason

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


@dataclass(frozen=True, slots=True)
class Sent:
    """The results, once all is sent."""

    sends: Mapping[SendKey, Send] = field(default_factory=dict)
    problems: Sequence[str] = ()
    recorded: bool = True
    """Whether every result could be stored."""
    bugs: Sequence[BaseException] = ()
    """Bugs in Headroom, in a channel or in sending."""

    @property
    def sent(self) -> int:
        """How many notices were accepted."""
        return sum(each.result is Result.ACCEPTED for each in self.sends.values())

    @property
    def failures(self) -> Counter[FailureReason]:
        """Failed sends, by reason; each is tried again, or is in the dead-letter queue."""
        return Counter(each.failure.reason for each in self.sends.values() if each.failure)

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
                reason, detail = send.failure.reason, f"{send.failure.detail}; {send.result}"
                found.append(replace(only, outcome=Outcome.FAIL, reason=reason, detail=detail))
        return found
