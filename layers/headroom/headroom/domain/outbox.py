"""The outbox: notices that channels still owe an acceptance, kept inside the project's document."""

from __future__ import annotations

from dataclasses import dataclass, field

from headroom.domain.notices import Notice
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Owed:
    """One channel that has not accepted one notice yet."""

    attempts: int = 0
    retry_at: Instant = 0
    """Not to be tried before."""
    lease: str = ""
    """The random token of the check that may be sending it now; '' when none."""
    lease_until: Instant = 0
    uncertain: bool = False
    """An attempt may have arrived all the same."""
    refused: str = ""
    """Why it was given up (a permanent refusal, 24 hours): the next check reports it and drops it."""

    def leased(self, now: Instant) -> bool:
        """Whether another check may be sending it now."""
        return bool(self.lease) and now < self.lease_until


@dataclass(frozen=True, slots=True)
class Pending:
    """One notice with the channels that still owe it."""

    seq: int
    """Order within the project's document, over all its incidents."""
    notice: Notice
    queued_at: Instant
    owed: dict[str, Owed] = field(default_factory=dict)
