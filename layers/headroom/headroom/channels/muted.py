"""A channel that accepts everything and sends nothing, for a check that must leave no trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from headroom.domain.digest import Digest
from headroom.domain.notices import Notice


@dataclass(frozen=True, slots=True)
class MutedChannel:
    """Stands in for a channel in a dry run."""

    name: str
    pages: bool
    timeout: ClassVar[float] = 1.0

    async def send(self, notice: Notice) -> None:
        """Accept it."""

    async def send_digest(self, digest: Digest) -> None:
        """Accept it."""
