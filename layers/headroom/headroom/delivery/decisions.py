"""The outcome of each notice, with its reason: this check sends it, it waits, or is withheld."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Notice


class Outcome(StrEnum):
    """The outcome of a notice on some of its channels."""

    SEND = "send"
    """This check sends it: it holds the lease."""
    WAIT = "waiting"
    """It is pending, and a later check sends it."""
    WITHHOLD = "withheld"
    """The channel is not notified of it."""
    FAIL = "failed"
    """This check sent it, and the channel did not accept it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One notice, the channels that share an outcome, and the reason unless it is sent.

    The reason of a send that failed is a `FailureReason`.
    """

    notice: Notice
    channels: tuple[str, ...]
    outcome: Outcome = Outcome.SEND
    reason: str = ""
    before: tuple[str, ...] = ()
    """The channels that were notified of the incident before."""
    detail: str = ""
    """Of a send that failed: what the channel answered, and what comes next."""

    def __post_init__(self) -> None:
        """Refuse a decision about nobody: the next stage would lose the notice without a reason."""
        if not self.channels:
            raise ValueError(f"a decision without channels: {self.notice.kind} {self.notice.id}")

    @classmethod
    def of(cls, routed: RoutedNotice) -> Decision:
        """Make the decision to send a notice to all its channels."""
        return cls(routed.notice, routed.channels, before=routed.before)

    @property
    def routed(self) -> RoutedNotice:
        """The notice with the channels that this decision is about."""
        return RoutedNotice(self.notice, self.channels, self.before)

    def split(self, reasons: dict[str, str], outcome: Outcome) -> list[Decision]:
        """Split off the channels that have a reason: one decision for each reason."""
        if not reasons:
            return [self]
        left = tuple(name for name in self.channels if name not in reasons)
        parts = [replace(self, channels=left)] if left else []
        for reason in dict.fromkeys(reasons.values()):
            names = tuple(name for name in self.channels if reasons.get(name) == reason)
            parts.append(replace(self, channels=names, outcome=outcome, reason=reason))
        return parts


def sent(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions to send."""
    return [each for each in decisions if each.outcome is Outcome.SEND]
