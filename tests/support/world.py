"""A small world for the pipeline: fakes that a test can steer, around the real check."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from headroom.check import check
from headroom.config.configuration import Configuration
from headroom.domain.delivery_failures import DeliveryFailure
from headroom.domain.digest import Digest
from headroom.domain.lines import Line
from headroom.domain.notices import Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import UNASKED, WHOLE, Answer, Failure, Query
from headroom.domain.rules import InvalidProject, Project
from headroom.domain.stored_baselines import BaselineMemory
from headroom.domain.watermark import Loaded
from headroom.domain.windows import Instant, span, window_of
from headroom.errors import StateUnavailable
from headroom.pipeline.report import Report
from headroom.ports import Baselines, Channel, Deadline, Ports
from headroom.state.codec import CAPACITY
from headroom.state.sqlite import SqliteState
from headroom.state.sqlite_baselines import SqliteBaselines
from tests.builders import T0, project
from tests.support.loops import run


@dataclass
class FakeSource:
    """A configuration that a test can edit; `cached` is given until somebody wants it fresh."""

    configuration: Configuration
    cached: Configuration | None = None
    read_afresh: int = 0

    async def load(self, *, fresh: bool = False) -> Configuration:
        self.read_afresh += fresh
        if self.cached is not None and not fresh:
            return self.cached
        return self.configuration

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        raise AssertionError(f"nobody needs the key {name} ({rejected}) here")


@dataclass
class FakeReadings:
    """Peaks by project and window, 0 where none is given; one in `failing` cannot be read."""

    peaks: dict[str, dict[Instant, int]] = field(default_factory=dict)
    failing: dict[str, Failure] = field(default_factory=dict)
    failing_queries: dict[str, Failure] = field(default_factory=dict)
    retry_after: float | None = None
    """What PolyAI asks for in answer to each query that fails."""
    bugs: dict[str, Exception] = field(default_factory=dict)
    published: Callable[[Instant, Instant], bool] = lambda *_: True
    """Whether a window is in an answer at an instant."""
    published_by: dict[str, Callable[[Instant, Instant], bool]] = field(default_factory=dict)
    """The same of single queries."""
    limit: int = 10_000
    """After so many more requests the check's time is out."""
    asked: list[str] = field(default_factory=list)

    async def fetch(
        self,
        line: Line,
        query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        assert deadline.left() > 0
        if len(self.asked) >= self.limit:
            return UNASKED
        self.asked.append(f"{line.name} {query.key}")
        if line.name in self.bugs:
            raise self.bugs[line.name]
        if line.name in self.failing:
            return replace(self.failing[line.name], retry_after=self.retry_after)
        if query.key in self.failing_queries:
            return replace(self.failing_queries[query.key], retry_after=self.retry_after)
        peaks = self.peaks.get(line.name, {})
        known = span(first, window_of(until))
        published = self.published_by.get(query.key, self.published)
        return Answer({WHOLE: {at: peaks.get(at, 0) for at in known if published(at, until)}})


@dataclass
class FakeChannel:
    """Keeps what it accepts; the next sends fail with `errors`, as long as there are any."""

    name: str
    is_pager: bool = False
    timeout: float = 5.0
    accepted: list[Notice] = field(default_factory=list)
    errors: list[BaseException | DeliveryFailure] = field(default_factory=list)
    down: DeliveryFailure | None = None
    keeps_what_it_fails: bool = False
    """An ambiguous answer: it arrived all the same."""
    rejects: Callable[[Notice], Exception | DeliveryFailure | None] = lambda _: None
    peek: Callable[[], Awaitable[object]] | None = None
    """What to look at before each send; `peeked` has what was seen."""
    peeked: list[object] = field(default_factory=list)

    async def send(self, notice: Notice) -> DeliveryFailure | None:
        if self.peek is not None:
            self.peeked.append(await self.peek())
        error = self.errors.pop(0) if self.errors else self.rejects(notice) or self.down
        if error is None or self.keeps_what_it_fails:
            self.accepted.append(notice)
        if isinstance(error, BaseException):
            raise error
        return error

    @property
    def lines(self) -> list[str]:
        return [each.summary for each in self.accepted]

    @property
    def kinds(self) -> list[str]:
        return [each.kind.value for each in self.accepted]


@dataclass
class FakeChat(FakeChannel):
    """A channel that takes digests; `digests` has those that it accepted."""

    digests: list[Digest] = field(default_factory=list)
    digest_errors: list[BaseException | DeliveryFailure] = field(default_factory=list)

    async def send_digest(self, digest: Digest) -> DeliveryFailure | None:
        error = self.digest_errors.pop(0) if self.digest_errors else self.down
        if error is None or self.keeps_what_it_fails:
            self.digests.append(digest)
        if isinstance(error, BaseException):
            raise error
        return error

    @property
    def heard(self) -> list[Notice]:
        """Every notice, by itself or in a digest."""
        return [*self.accepted, *(each for digest in self.digests for each in digest.notices)]


@dataclass
class FakeDeadLetters:
    letters: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    async def put(self, notice: Mapping[str, object], channel: str, reason: str) -> None:
        if self.broken:
            raise StateUnavailable("no queue")
        self.letters.append((str(notice["kind"]), channel, reason))


@dataclass
class FakeHeartbeat:
    """Somebody outside who counts the calls."""

    calls: list[tuple[str, float]] = field(default_factory=list)
    """The address, and the seconds that were given."""
    error: DeliveryFailure | None = None

    async def beat(self, url: SecretStr, seconds: float) -> DeliveryFailure | None:
        self.calls.append((url.get_secret_value(), seconds))
        return self.error


class World:
    """One shard: `support-line` unless told otherwise, a chat, a pager and the default channel."""

    def __init__(self, path: Path, *projects: Project) -> None:
        self.now = T0
        self.source = FakeSource(
            Configuration({each.name: each for each in projects or [project()]})
        )
        self.readings = FakeReadings()
        self.path = path / "state.sqlite"
        self.state = SqliteState(self.path, clock=lambda: self.now)
        self.baselines: Baselines = SqliteBaselines(self.path, clock=lambda: self.now)
        self.memory = BaselineMemory()
        self.dead_letters = FakeDeadLetters()
        self.chat = FakeChat("ops-slack")
        self.pager = FakeChannel("on-call", is_pager=True)
        self.default = FakeChannel("default")
        self.remaining = 60.0
        self.heartbeat = FakeHeartbeat()

    @property
    def channels(self) -> dict[str, Channel]:
        return {each.name: each for each in (self.chat, self.pager, self.default)}

    def configure(
        self, *projects: Project, invalid: Mapping[str, InvalidProject] | None = None
    ) -> None:
        """Replace the configuration."""
        made = Configuration({each.name: each for each in projects})
        self.source.configuration = replace(made, invalid=invalid or {})

    def ports(self) -> Ports:
        return Ports(
            source=self.source,
            state=self.state,
            baselines=self.baselines,
            dead_letters=self.dead_letters,
            readings=self.readings,
            channels=lambda _: self.channels,
            clock=lambda: self.now,
            capacity=CAPACITY,
            heartbeat=self.heartbeat,
            memory=self.memory,
        )

    def calls(self, window: Instant, peak: int, project: str = "support-line") -> None:
        """Let PolyAI have seen this many calls in a window."""
        self.readings.peaks.setdefault(project, {})[window] = peak

    def load(self) -> Loaded:
        """What is stored."""
        return run(self.state.load())

    def stored(self, project: str = "support-line") -> ProjectState:
        """The document of a project that has one."""
        return self.load().documents[project]

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Look at what is stored, or change it, past the adapter."""
        with closing(sqlite3.connect(self.path)) as file, file:
            return file.execute(statement, values).fetchall()

    async def clock(self) -> Instant:
        """For a channel's `peek`: when it was tried."""
        return self.now

    def check(self, at: Instant | None = None) -> Report:
        """Run one check now, or at an instant (then it is now)."""
        self.now = self.now if at is None else at
        return self.check_as_of(self.now)

    def check_as_of(self, at: Instant) -> Report:
        """Run one check of a moment that the clock may have left behind."""
        report = run(check(self.ports(), at, Deadline(lambda: self.remaining)))
        report.raise_bugs()
        return report


def breach(world: World) -> None:
    """A critical reading in the window `T0`, which is open; checked at once."""
    world.check(T0 - 240)
    world.calls(T0, 118)
    world.check(T0 + 60)
