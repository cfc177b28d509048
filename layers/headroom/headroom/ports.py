"""Everything outside that a check needs, as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from headroom.channels.port import Channel
from headroom.config.configuration import Configuration
from headroom.config.port import Source
from headroom.domain.readings import Answer, Query
from headroom.domain.rules import Project
from headroom.domain.windows import Instant
from headroom.state.port import DeadLetters, State


class Readings(Protocol):
    """Where readings come from (`polyai.client.PolyAI`)."""

    async def fetch(
        self,
        project: Project,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        remaining: Callable[[], float],
    ) -> Answer:
        """Raises Unreadable; OutOfTime when the query was never sent."""
        ...


class Heartbeat(Protocol):
    """Who outside is told that a check was complete (`channels.heartbeat.HttpHeartbeat`)."""

    async def beat(self, url: SecretStr, seconds: float) -> None:
        """Call the address once, within so many seconds.

        Raises DeliveryError, whose reason never holds the address.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that a check needs."""

    source: Source
    state: State
    dead_letters: DeadLetters
    readings: Readings
    channels: Callable[[Configuration], Mapping[str, Channel]]
    clock: Callable[[], Instant]
    heartbeat: Heartbeat | None = None
    """None: nobody outside is told, as of a check by hand."""
