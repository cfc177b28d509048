"""What the sends of one check came to, as facts for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from headroom.domain.claims import Claim
from headroom.domain.delivery_failures import FailureCause


@dataclass(slots=True)
class Sent:
    """Collected while the check sends, and read once it is over."""

    sent: int = 0
    failures: Counter[FailureCause] = field(default_factory=Counter)
    """Sends that failed, by cause; each is tried again or lies in the dead-letter queue."""
    problems: list[str] = field(default_factory=list)
    settled: set[tuple[str, str, str]] = field(default_factory=set)
    """Project, notice id and channel of all that was accepted or given up."""
    accepted: set[str] = field(default_factory=set)
    """Channels that accepted anything."""
    recorded: bool = True
    """Whether every outcome could be written down."""
    bugs: list[BaseException] = field(default_factory=list)

    def problem(self, claims: Sequence[Claim], text: str) -> None:
        """Add a line about one notice, or about the digest that stood for several."""
        first = claims[0]
        what = f"{first.project}: notice {first.notice.id} ({first.notice.kind})"
        if len(claims) > 1:
            what = f"digest of {len(claims)} notices"
        self.problems.append(f"{what} to {first.channel}: {text}")
