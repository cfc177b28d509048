"""What was stored, sent, recorded and given up in one run, in plain values (see `facts.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Commit:
    """One document that was really stored, whatever answer its writer got: what is pending then."""

    check: int
    at: int
    """By the clock."""
    project: str
    pending: Mapping[str, tuple[str, ...]]
    """By notice id, the channels on which it is pending after this write."""
    notices: Mapping[str, Mapping[str, Any]]
    """Of these ids, the notice as JSON (DESIGN section 7)."""
    history: tuple[Mapping[str, Any], ...]
    """What the same write put into history."""
    order: int = 0
    """Its place among all commits, sends and dead letters of the run."""


@dataclass(frozen=True, slots=True)
class Send:
    """One call to one channel."""

    check: int
    at: int
    """By the clock, when it began."""
    project: str
    channel: str
    notice: Mapping[str, Any]
    arrived: bool
    """Whether it arrived, whatever answer the sender got."""
    answer: str
    """The sender's answer: `accepted`, `refused`, `retry`, `ambiguous`, or `nothing` (it was killed
    before)."""
    recorded: bool = False
    """Whether the outcome was stored afterwards."""
    order: int = 0
    """See `Commit`; when it began."""
    back_off_until: int = 0
    """Until when its answer asked to wait (`Retry-After`), by the clock; 0: it did not."""
    digest: str = ""
    """The id of the message, where that was a digest: there is a send for each that it names."""
    poisoned: bool = False
    """Whether its channel accepts every notice but this one."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one notice at one channel, as it was really stored."""

    check: int
    at: int
    project: str
    channel: str
    notice: str
    """Its id."""
    settled: bool
    """Whether it was accepted or is in the dead-letter queue; else it stays pending."""
    refused: bool = False
    """Whether it was given up by this, in the dead-letter queue or not yet."""
    order: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One notice that really lies in the dead-letter queue."""

    check: int
    at: int
    project: str
    channel: str
    notice: Mapping[str, Any]
    order: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a document: a commit or a record made it; 0: the store let it expire."""

    at: int
    project: str
    version: int


@dataclass(frozen=True, slots=True)
class Unsent:
    """One notice that a channel did not get in a check, as the report names it."""

    notice: Mapping[str, Any]
    channel: str
    outcome: str
    """`waiting`, `withheld` or `failed`."""
    reason: str
    """The sort of failure, of one that failed."""

    def same_alert(self, other: Mapping[str, Any]) -> bool:
        """Whether the other notice is of the same alert."""
        return all(self.notice[name] == other[name] for name in ("project", "rule", "series"))

    def follows(self, commit: Commit) -> bool:
        """Whether it is pending in this document, with an earlier notice of its alert before it."""
        keys = [key for key, channels in commit.pending.items() if self.channel in channels]
        if self.notice["id"] not in keys:
            return False
        before = keys[: keys.index(str(self.notice["id"]))]
        return any(self.same_alert(commit.notices[key]) for key in before)

    def __str__(self) -> str:
        """For people."""
        what = f"{self.notice['kind']} {self.notice['id'][:6]} to {self.channel}"
        return f"{what} is {self.outcome}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Reported:
    """What the report of one check says of its notices."""

    check: int
    decided: tuple[tuple[Mapping[str, Any], tuple[str, ...]], ...]
    """Each notice of the check, and the channels that it is routed to."""
    unsent: tuple[Unsent, ...]
    order: int = 0
    abstaining: frozenset[tuple[str, str]] = frozenset()
    """Projects and their rules that have nothing to compare with."""
