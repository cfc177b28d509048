"""What delivery asks of a channel."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice


class Channel(Protocol):
    """A place where notices go."""

    @property
    def is_pager(self) -> bool:
        """Whether it pages somebody: it gets triggers and resolves, and nothing that is over."""
        ...

    @property
    def timeout(self) -> float:
        """The longest that one send takes, in seconds."""
        ...

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        """Send one notice; None when the channel accepted it. Raises nothing."""
        ...


@runtime_checkable
class Chat(Channel, Protocol):
    """A channel that people read: in a storm it gets one digest instead of many notices."""

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        """Send one digest; None when the channel accepted it. Raises nothing."""
        ...
