"""A project's state: what is wrong with it, and the notices that are still pending."""

from __future__ import annotations

from dataclasses import dataclass, field

from headroom.domain.incidents import Incident
from headroom.domain.outbox import PendingNotice
from headroom.domain.readings import Failure
from headroom.domain.undeliverable import Refusals
from headroom.domain.windows import Instant

FORMAT = 1
"""The format of a stored state; raise it when an older Headroom would misread the new form."""

REMOVED = 2**53
"""The `config_version` of a project that was removed: every listing that still has it is older."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """The unit of consistency: one project's state and its undelivered notices.

    `version` is the stored one, 0 without a document; a commit stores it raised by one. A quiet
    state (`quiet`) follows the later of its own watermark and the shard's; any other its own.
    """

    project: str
    version: int = 0
    new: bool = field(default=False, compare=False)
    """It is seen for the first time, or again after its removal: the past is history. Not stored;
    `watermark.begin` sets it."""
    watermark: Instant
    """The newest closed window that took effect, except for the queries in `behind`."""
    since: Instant | None = None
    """The newest closed window when the project was first seen, or seen again: an incident that was
    over by then is never notified. None, as in older documents: the watermark as it was read."""
    behind: dict[str, Instant] = field(default_factory=dict)
    """The watermark of each query that could not be read, by its key."""
    stopped: tuple[str, ...] = ()
    """The queries that could not be read because their answer stopped (`lateness`)."""
    never_read: dict[str, Instant] = field(default_factory=dict)
    """Queries that could not be read even once, with the newest closed window at the first try:
    what was over by then is history."""
    failing_since: Instant | None = None
    """The time since which at least one query of the project could not be read."""
    not_asked: bool = False
    """`failing_since` is the time of a shared mistake in the configuration; no query has failed."""
    causes: dict[str, Instant] = field(default_factory=dict)
    """Causes of its failures (`causes`), each with the time since which every check has seen it.
    Empty in older documents: `failing_since`."""
    waiting: dict[str, Failure] = field(default_factory=dict)
    """PolyAI's answers that asked us to wait (`Failure.until`), by query."""
    incidents: dict[str, Incident] = field(default_factory=dict)
    """By alert id."""
    closed_by_edit: dict[str, Instant] = field(default_factory=dict)
    """Incidents that an edit closed, and when: one that fires again gets another id (`closing`)."""
    may_fire_from: dict[str, Instant] = field(default_factory=dict)
    """Alerts whose incident ended lately: the first window on which each may fire again."""
    outbox: dict[str, PendingNotice] = field(default_factory=dict)
    """By notice id."""
    back_offs: dict[str, Instant] = field(default_factory=dict)
    """Channels that are backing off because of notices that are gone, and until when."""
    refusals: dict[str, Refusals] = field(default_factory=dict)
    """In Headroom's own document: the refusals of each channel whose alert fires."""
    config_version: int = 0
    """The configuration that the project was judged by; a check with an older one reads again."""
    next_seq: int = 1
    judged_at: Instant = 0
    """The time of the check that judged it: a check of an earlier time changes nothing."""
    expires_at: Instant | None = None
    """Set once quiet: expired but still present, it is a quiet state, never an absent one."""

    @property
    def unread_since(self) -> Instant | None:
        """The time since which PolyAI's answers cannot be read: it gives the age of the failure."""
        return None if self.not_asked else self.failing_since

    @property
    def quiet(self) -> bool:
        """Whether nothing is wrong, pending or behind."""
        wrong = self.incidents or self.outbox or self.behind
        return not wrong and self.failing_since is None
