"""Everything outside that a check needs, as protocols, and as one value (`Ports`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.lines import Line
from headroom.domain.notices import Notice
from headroom.domain.outbox import PendingDelivery
from headroom.domain.overflow import Capacity
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answer, Failure, Query
from headroom.domain.stored_baselines import BaselineKey, BaselineMemory, Times
from headroom.domain.watermark import Loaded, Watermark
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time that a step of a check has left; the steps after it keep their share."""

    seconds: Callable[[], float]
    """The seconds that the whole check has left."""
    kept: float = 0.0
    """The seconds kept for the steps after this one."""

    def left(self) -> float:
        """The seconds from now to the deadline; below 0 once it has passed."""
        return self.seconds() - self.kept

    def less(self, seconds: float) -> Deadline:
        """The deadline of a step that must leave so many seconds more."""
        return Deadline(self.seconds, self.kept + seconds)


class Source(Protocol):
    """The configuration and its keys (`config.ssm_source.SsmSource`)."""

    async def load(self, *, fresh: bool = False) -> Configuration:
        """Return the whole configuration, from the cache while that is valid unless `fresh`.

        Raises ConfigUnavailable. An invalid project is in `Configuration.invalid` instead.
        """
        ...

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """Return the PolyAI API key of that name.

        With `rejected`, a value that PolyAI answered 401 to, the key is read past every cache,
        unless another value has been read since. Raises ConfigError when there is no such key.
        """
        ...


class Readings(Protocol):
    """The readings of calls (`polyai.client.PolyAI`)."""

    async def fetch(
        self,
        line: Line,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        """Return the readings from window `first` to the one that holds `until`.

        A failure is a value: `UNASKED` when there was no time to send the query.
        """
        ...


class State(Protocol):
    """The projects' documents and the watermark (`state.dynamodb`, `state.sqlite`).

    Every method raises StateUnavailable when the store fails.
    """

    async def load(self) -> Loaded:
        """Read all documents of the shard and its watermark, consistently, in at most 3 reads."""
        ...

    async def read(self, project: str) -> ProjectState | None:
        """Read one project's document as it is now."""
        ...

    async def commit(self, document: ProjectState, history: Sequence[Notice] = ()) -> ProjectState:
        """Store the document and the history of its notices in one conditional write.

        The condition: the stored version is `document.version`, or there is none and it is 0.
        Returns the document with the version raised. Raises LostRace, and then nothing was written.
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
        """Replace one pending delivery, or remove it (None: the channel accepted the notice).

        It is one update that raises the document's version; a notice without pending deliveries
        goes with its last one. The condition: the stored lease is `token`. Otherwise nothing is
        written, and the answer is False.
        """
        ...

    async def move(self, watermark: Watermark) -> bool:
        """Store the watermark, if the stored version is `watermark.version`, and never backwards.

        False: another check was first, and nothing was written.
        """
        ...


class Baselines(Protocol):
    """The stored baselines (`state.dynamodb_baselines`, `state.sqlite_baselines`).

    Every method raises StateUnavailable when the store fails. Writes need no condition: whoever
    makes a baseline makes it of the same readings.
    """

    async def read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        """Read these baselines, at most 100 in one request; those never made are missing."""
        ...

    async def times(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Times]:
        """When each was made, without its readings; those never attempted are missing."""
        ...

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        """Store a baseline in place of any before it; it goes by itself when nobody makes it again.

        Returns the series that there was no room for, the least busy ones.
        """
        ...

    async def failed(self, key: BaselineKey, at: Instant) -> None:
        """Store when an attempt to make it failed, beside the baseline of this line, if any."""
        ...

    async def history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        """The project's notices since then (`Notice.as_json`), in the order of their time."""
        ...


class DeadLetters(Protocol):
    """The queue of notices that no later attempt can deliver (`state.deadletters`)."""

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        """Keep the whole notice (`Notice.as_json`). Raises StateUnavailable."""
        ...


class Stores(NamedTuple):
    """Where an installation keeps what must last."""

    state: State
    baselines: Baselines
    dead_letters: DeadLetters


class Channel(Protocol):
    """A place that notices are sent to (`channels.registry`)."""

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


class Heartbeat(Protocol):
    """A service outside that expects a call after each complete check (`channels.heartbeat`)."""

    async def beat(self, url: SecretStr, seconds: float) -> DeliveryFailure | None:
        """Call the address once, within so many seconds; None when it answered with a 2xx."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that a check needs."""

    source: Source
    state: State
    baselines: Baselines
    dead_letters: DeadLetters
    readings: Readings
    channels: Callable[[Configuration], Mapping[str, Channel]]
    """The channels by name, made from the configuration of the check."""
    clock: Callable[[], Instant]
    """The time now: for leases, retries and expiry. What is judged has the event's time."""
    capacity: Capacity
    heartbeat: Heartbeat | None = None
    """None: no service is called, as after a check by hand."""
    memory: BaselineMemory = field(default_factory=BaselineMemory)
    """The baselines that earlier checks have read."""
