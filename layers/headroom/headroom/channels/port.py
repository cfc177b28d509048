"""What delivery asks of a channel."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from headroom.domain.digest import Digest
from headroom.domain.notices import Notice


class Channel(Protocol):
    """One place where notices go."""

    @property
    def is_pager(self) -> bool:
        """A pager: hears triggers and resolves, and nothing of what is already over."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds that one send takes at most."""
        ...

    async def send(self, notice: Notice) -> None:
        """Return when the channel accepted the notice. Raises DeliveryError, and nothing else."""
        ...


@runtime_checkable
class Chat(Channel, Protocol):
    """A channel that people read: in a storm it gets one digest in place of many notices."""

    async def send_digest(self, digest: Digest) -> None:
        """Return when the channel accepted the digest. Raises DeliveryError, and nothing else."""
        ...
