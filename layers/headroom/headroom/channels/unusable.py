"""A channel that cannot be used, or that nobody made: what it owes waits until it is fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from headroom.domain.notices import Notice
from headroom.errors import DeliveryError


@dataclass(frozen=True, slots=True)
class Unusable:
    """Stands in for it: every try fails and may be repeated, for the 24 hours that any try has."""

    name: str
    problem: str
    pages: bool
    timeout: ClassVar[float] = 0.0

    async def send(self, notice: Notice) -> None:  # noqa: ARG002 (nothing can be done with it)
        """Raises DeliveryError."""
        raise DeliveryError(
            f"its configuration is invalid: {self.problem}", retryable=True, channel_at_fault=True
        )
