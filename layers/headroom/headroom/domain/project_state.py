"""The document of a project that is not quiet: what is wrong, and who has not been told yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from headroom.domain.incidents import Incident
from headroom.domain.outbox import Pending
from headroom.domain.readings import Failure
from headroom.domain.undeliverable import Lost
from headroom.domain.windows import Instant

FORMAT = 1
"""Of a stored state; raise it with what an older Headroom would read wrongly."""

REMOVED = 2**53
"""The `config_version` of a project that was removed: every listing that has it still is older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """The unit of consistency: one project's state and its undelivered notices.

    `version` is what was read, 0 when there is none; a commit stores it raised by one. A quiet
    document (`quiet`) follows the later of its own watermark and the shard's; any other its own.
    """

    project: str
    version: int = 0
    new: bool = field(default=False, compare=False)
    """Seen for the first time, or again after its removal: what was before is history. Not stored;
    see `watermark.begin`."""
    watermark: Instant
    """The newest closed window that took effect, but for the queries in `behind`."""
    since: Instant | None = None
    """The newest closed window when the project was first seen, or seen again: what was over by
    then is never told. None, as older documents have it: the watermark as it was read."""
    behind: dict[str, Instant] = field(default_factory=dict)
    """Queries that could not be read: their key to their own watermark."""
    stopped: tuple[str, ...] = ()
    """Of the queries that could not be read, those whose answer stopped (`domain/lateness`)."""
    unread: dict[str, Instant] = field(default_factory=dict)
    """Queries that could never be read yet: their key to the newest closed window at the first try;
    what was over by then is history."""
    failing_since: Instant | None = None
    """Since when at least one query of the project could not be read."""
    not_asked: bool = False
    """It is `failing_since` a shared mistake in the configuration; no query of it has failed."""
    causes: dict[str, Instant] = field(default_factory=dict)
    """What may be shared of its failures (`domain/causes`): each cause to since when every check
    has seen it. Empty in older documents: `failing_since`."""
    waiting: dict[str, Failure] = field(default_factory=dict)
    """Queries that PolyAI asked to wait with (`Failure.until`): their key to what it answered."""
    incidents: dict[str, Incident] = field(default_factory=dict)
    """By alert id."""
    closed: dict[str, Instant] = field(default_factory=dict)
    """Incidents that an edit closed, and when: what fires again has other ids (`domain/again`)."""
    rearmed: dict[str, Instant] = field(default_factory=dict)
    """Alerts whose incident ended of late: their id to the first window they may fire on again."""
    outbox: dict[str, Pending] = field(default_factory=dict)
    """By notice id."""
    asked: dict[str, Instant] = field(default_factory=dict)
    """Until when channels asked to be left alone, in answer to notices that are gone."""
    lost: dict[str, Lost] = field(default_factory=dict)
    """In Headroom's own document: what channels refused, while their alert fires."""
    config_version: int = 0
    """The configuration that this was judged by; an older one is read again first."""
    next_seq: int = 1
    judged_at: Instant = 0
    """When the check ran whose outcome this is: one of an earlier moment changes nothing."""
    expires_at: Instant | None = None
    """Set once quiet: expired but still present, it is a quiet document, never absent."""

    @property
    def unread_since(self) -> Instant | None:
        """Since when PolyAI's answers could not be read: the age of what is told of them."""
        return None if self.not_asked else self.failing_since

    @property
    def quiet(self) -> bool:
        """Whether nothing is wrong, nothing is owed and nothing lags."""
        wrong = self.incidents or self.outbox or self.behind
        return not wrong and self.failing_since is None
