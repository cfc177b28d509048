"""How many calls a project has, and had in the last hour: for metrics and screens, not alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from headroom.domain.groups import combine
from headroom.domain.lateness import Known
from headroom.domain.readings import WHOLE, Answer, Answers, Peaks, Query
from headroom.domain.rules import Project
from headroom.domain.windows import HOUR, Instant, span, window_of


@dataclass(frozen=True, slots=True)
class Hour:
    """A project's last hour."""

    peaks: tuple[int | None, ...]
    """The peak of each window, the open one last; None: no reading."""
    limit: int | None


@dataclass(frozen=True, slots=True)
class Calls:
    """A project's newest calls."""

    calls: int
    limit: int | None

    @property
    def headroom(self) -> int | None:
        """The calls that the limit still allows, below 0 beyond it; None without a limit."""
        return None if self.limit is None else self.limit - self.calls


def newest(
    project: Project, answers: Answers, reached: Mapping[str, Known], now: Instant
) -> Calls | None:
    """The highest reading of the newest final window and those after it.

    The open window starts again at 0 every 5 minutes: alone it would make a full line look empty.
    None without a reading, or without a query of the whole project: peaks of its parts may have
    different times, so neither their sum nor their highest is the project's peak. A group's are
    those of its basis, once all its lines are known.
    """
    keys = [each.key for each in project.asked(_whole_query(project))]
    known = [reached[key] for key in keys if key in reached]
    if len(known) < len(keys) or any(each.failure for each in known):
        return None
    peaks, until = _whole(project, answers) or {}, min(each.until for each in known)
    found = [peaks[slot] for slot in span(until, window_of(now)) if slot in peaks]
    return Calls(max(found), project.limit) if found else None


def last_hour(project: Project, answers: Answers, now: Instant) -> Hour:
    """The whole project's readings; none without a query of the whole project."""
    peaks, last = _whole(project, answers), window_of(now)
    windows = () if peaks is None else span(last - HOUR, last)
    return Hour(tuple((peaks or {}).get(each) for each in windows), project.limit)


def _whole_query(project: Project) -> Query:
    """The query of all calls; each line of a group is asked it in its own environment."""
    return _all_calls(project.lines[0].client_env if len(project.lines) == 1 else "")


@lru_cache(maxsize=64)  # a query works out its key once
def _all_calls(client_env: str) -> Query:
    return Query(client_env=client_env)


def _whole(project: Project, answers: Answers) -> Peaks | None:
    """The calls of all lines; None where one of them is not known."""
    found = [answers.get(each.key) for each in project.asked(_whole_query(project))]
    read = [each for each in found if isinstance(each, Answer)]
    if len(read) < len(found):
        return None
    whole = read[0] if len(read) == 1 else combine(project.basis, read)
    return whole.series.get(WHOLE, {})
