"""How many calls a project has now, and how many more it can take: for metrics, not for alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.domain.readings import WHOLE, Answer, Failure, Query
from headroom.domain.rules import Project
from headroom.domain.windows import Instant, span, window_of


@dataclass(frozen=True, slots=True)
class Calls:
    """A project's newest calls."""

    calls: int
    limit: int | None

    @property
    def headroom(self) -> int | None:
        """How many more the limit takes, below 0 where it is passed; None without a limit."""
        return None if self.limit is None else self.limit - self.calls


def newest(
    project: Project, answers: Mapping[str, Answer | Failure], closed: Instant, now: Instant
) -> Calls | None:
    """The highest reading of the newest closed window and of those that are open.

    The open one alone begins anew every 5 minutes: for a moment a full line would look empty. None
    without a reading, and where no query is of the whole project: peaks of its parts need not have
    been at the same time, so neither their sum nor their highest is the project's.
    """
    answer = answers.get(Query(client_env=project.client_env).key)
    if not isinstance(answer, Answer):
        return None
    peaks = answer.series.get(WHOLE, {})
    found = [peaks[window] for window in span(closed, window_of(now)) if window in peaks]
    return Calls(max(found), project.limit) if found else None
