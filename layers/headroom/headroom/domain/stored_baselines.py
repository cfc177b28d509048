"""Stored baselines: which ones a project needs, and the memory that keeps them between checks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.fingerprints import short_hash
from headroom.domain.readings import Query
from headroom.domain.rules import Project
from headroom.domain.windows import HOUR, Instant

DAY = 24 * HOUR


class BaselineKey(NamedTuple):
    """One stored baseline: a project or group, one of its queries, and what was read for it.

    The project is part of it because the incidents that are left out are the project's, and the
    readings of a group are those of all its lines together. A baseline of another line than the
    project has now is not taken for its own.
    """

    project: str
    query: str
    """`Query.key`; empty for the whole of a group."""
    line: str
    """Empty where it is not known just now: then the baseline that is there is taken."""

    def __str__(self) -> str:
        """For reports: `support-line (client_env=live)`."""
        return f"{self.project} ({self.query})" if self.query else self.project


@dataclass(frozen=True, slots=True)
class Times:
    """When a baseline was made, without its readings; instants of 0 stand for never."""

    made: Instant = 0
    tried: Instant = 0
    """The last attempt to make it, when that failed."""
    wanted: Instant = 0
    """The first attempt, when none has succeeded."""

    @property
    def attempted(self) -> Instant:
        """The last attempt, whether it failed or not: the oldest goes first."""
        return max(self.made, self.tried)


NEVER = Times()


def line(project: Project) -> str:
    """What is read for a project, for `BaselineKey.line`; of several lines a hash, for its size.

    A group's line may be unknown for a while: a mistake in its project's configuration must not
    cost the group its baseline.
    """
    if any(each.problem for each in project.lines):
        return ""
    if len(project.lines) == 1:
        return "/".join(project.line.ids)
    lines = sorted("/".join((*each.ids, each.client_env)) for each in project.lines)
    return f"{project.basis} {short_hash(*lines)}"


def needed(project: Project) -> dict[BaselineKey, Query]:
    """The baselines that the rules of a project are judged by, with the query of each."""
    queries = (watch.query for rule in project.rules if rule.needs_usual for watch in rule.watches)
    read = line(project)
    return {BaselineKey(project.name, query.key, read): query for query in queries}


STALE = DAY + HOUR
"""Seconds since it was made, after which a baseline is looked for again: it is made daily."""

OVERDUE = 2 * DAY
"""Seconds since it was made, after which somebody should know: the makings of a day have failed."""

RETRY = 600
"""Seconds until a baseline is looked for again that was not there, or still is an old one."""


@dataclass(frozen=True, slots=True)
class _Kept:
    baseline: Baseline | Unread | None
    """None: there was none."""
    read: Instant

    def due(self, now: Instant) -> bool:
        if not isinstance(self.baseline, Baseline):
            return now >= self.read + RETRY
        return now >= max(self.baseline.made + STALE, self.read + RETRY)


class BaselineMemory:
    """Keeps the baselines of the configured rules from one check to the next."""

    def __init__(self) -> None:
        self._kept: dict[BaselineKey, _Kept] = {}

    def due(self, wanted: Iterable[BaselineKey], now: Instant) -> list[BaselineKey]:
        """The baselines that have to be read now."""
        return [key for key in wanted if not (kept := self._kept.get(key)) or kept.due(now)]

    def keep(
        self,
        asked: Collection[BaselineKey],
        found: Mapping[BaselineKey, Baseline | Unread],
        now: Instant,
    ) -> None:
        """Remember what was read, and what was not there."""
        self._kept |= {key: _Kept(found.get(key), now) for key in asked}

    def forget(self, keys: Iterable[BaselineKey]) -> None:
        """Read these again with the next check: they were made anew."""
        for key in keys:
            self._kept.pop(key, None)

    def known(self, wanted: Collection[BaselineKey]) -> dict[BaselineKey, Baseline | Unread]:
        """Those of the wanted that are there; the others are forgotten."""
        self._kept = {key: self._kept[key] for key in wanted if key in self._kept}
        return {key: kept.baseline for key, kept in self._kept.items() if kept.baseline is not None}
