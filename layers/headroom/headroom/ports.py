"""Everything outside that a check needs, as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.overflow import Capacity
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answer, Failure, Query
from headroom.domain.rules import Project
from headroom.domain.watermark import Loaded, Watermark
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Deadline:
    """The seconds that a check has left, less what is kept for the steps after this one."""

    seconds: Callable[[], float]
    kept: float = 0.0

    def left(self) -> float:
        """The seconds from now on; below 0 once they are over."""
        return self.seconds() - self.kept

    def less(self, seconds: float) -> Deadline:
        """The same deadline for a step that must leave so many seconds."""
        return Deadline(self.seconds, self.kept + seconds)


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
    ) -> Answer | Failure:
        """The readings, or why there are none; `UNASKED` when the query was never sent."""
        ...


class Heartbeat(Protocol):
    """Who outside is told that a check was complete (`channels.heartbeat.HttpHeartbeat`)."""

    async def beat(self, url: SecretStr, seconds: float) -> DeliveryFailure | None:
        """Call the address once, within so many seconds; None when it answered with a 2xx."""
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
    capacity: Capacity
    heartbeat: Heartbeat | None = None
    """None: nobody outside is told, as of a check by hand."""


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


class State(Protocol):
    """Documents and the watermark. Every method raises StateUnavailable when the store fails."""

    async def load(self) -> Loaded:
        """All documents of the shard and its watermark, read consistently (at most 3 reads)."""
        ...

    async def read(self, project: str) -> ProjectState | None:
        """One project's document as it is now."""
        ...

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        """Store the document and the notices' history in one conditional write.

        Holds only while the stored version is `document.version` (0: while there is none).
        Returns it with the version raised. Raises LostRace, and then nothing was written.
        """
        ...

    async def record(
        self,
        project: str,
        notice_id: str,
        channel: str,
        *,
        token: str,
        delivery: PendingDelivery | None,
    ) -> bool:
        """Replace what one channel owes of one notice, or remove it (None: accepted).

        One update, which raises the document's version; a notice that no channel owes any more is
        gone with it. Holds only while the lease there is `token`; otherwise False, nothing written.
        """
        ...

    async def move(self, watermark: Watermark) -> bool:
        """Store the watermark while the stored version is `watermark.version`.

        False: lost, nothing was moved. The window never goes back.
        """
        ...


class DeadLetters(Protocol):
    """Where notices go that no try can deliver any more."""

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """Keep the whole notice (`Notice.as_json`). Raises StateUnavailable."""
        ...


class Source(Protocol):
    """Where the configuration comes from."""

    async def load(self, *, fresh: bool = False) -> Configuration:
        """The whole configuration, from the cache while that holds unless `fresh`.

        Raises ConfigUnavailable; a project that cannot be used is in `refused` instead.
        """
        ...

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """The PolyAI API key of that name.

        With `rejected` (a value that PolyAI answered 401 to) it is read past every cache, unless
        another has been read since. Raises ConfigError when there is none.
        """
        ...
