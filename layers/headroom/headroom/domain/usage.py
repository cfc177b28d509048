"""How many calls a project has, and had in the last hour: for metrics and screens, not alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    different times, so neither their sum nor their highest is the project's peak.
    """
    known = reached.get(Query(client_env=project.line.client_env).key)
    if known is None or known.failure:
        return None
    peaks = _whole(project, answers) or {}
    found = [peaks[slot] for slot in span(known.until, window_of(now)) if slot in peaks]
    return Calls(max(found), project.limit) if found else None


def last_hour(project: Project, answers: Answers, now: Instant) -> Hour:
    """The whole project's readings; none without a query of the whole project."""
    peaks, last = _whole(project, answers), window_of(now)
    windows = () if peaks is None else span(last - HOUR, last)
    return Hour(tuple((peaks or {}).get(each) for each in windows), project.limit)


def _whole(project: Project, answers: Answers) -> Peaks | None:
    answer = answers.get(Query(client_env=project.line.client_env).key)
    return answer.series.get(WHOLE, {}) if isinstance(answer, Answer) else None
