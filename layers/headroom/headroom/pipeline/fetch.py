"""The fetch of one check: each project's distinct queries, side by side, in the time there is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from headroom.domain.evaluation import Standing
from headroom.domain.lateness import REACH
from headroom.domain.m_of_n import lookback
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answer, Failure, Query
from headroom.domain.rules import Project
from headroom.domain.transition import Answers, stands
from headroom.domain.watermark import Begun
from headroom.domain.windows import WINDOW, Instant, Moment, window_of
from headroom.errors import OutOfTime, Unreadable
from headroom.ports import Readings

RESERVE = 20.0
"""Seconds of the function's time kept for commits and sends: no fetch may use them."""

LONGEST_UNASKED = 3600
"""Seconds that a query is not asked at most, however long PolyAI asked to wait."""

UNASKED = Failure("timeout", "the check had no time left to ask PolyAI")
"""Of a query that nobody sent; a project of which some was asked has been reached all the same."""


class Fetching:
    """Asks PolyAI at one moment; `remaining` tells the seconds left for the whole check."""

    def __init__(
        self,
        readings: Readings,
        moment: Moment,
        remaining: Callable[[], float],
        clock: Callable[[], Instant],
    ) -> None:
        self._readings = readings
        self._moment = moment
        self._remaining = remaining
        self._clock = clock

    async def answers(self, project: Project, begun: Begun, broken: Failure | None) -> Answers:
        """One request for each distinct query; none when a try broke already.

        What PolyAI asked to wait with is not asked: it fails as it did, until its time has come.

        Raises OutOfTime when there was no time for any of them.
        """
        before, first = begun.document, begun.first
        if before.watermark > self._moment.closed and not first:
            return {}  # a newer check has been here
        standing = stands(before, project, self._moment, first=first)
        asked = requests(project, standing, self._moment)
        if broken is not None:
            return dict.fromkeys(asked, broken)
        waiting = self._waiting(project, before)
        left = {key: each for key, each in asked.items() if key not in waiting}
        found = await self._ask_all(project, left)
        if found and all(each is UNASKED for each in found.values()):
            raise OutOfTime(f"no time is left to read {project.name}")
        return {key: found[key] if key in found else waiting[key] for key in asked}

    def _waiting(self, project: Project, before: ProjectState) -> dict[str, Failure]:
        """What is not to be asked yet; an edit of the project ends every wait."""
        if before.config_version != project.version:
            return {}
        now = self._clock()
        # One that is further ahead was written by a clock that was wrong.
        return {
            key: failure
            for key, failure in before.waiting.items()
            if now < (failure.until or 0) <= now + LONGEST_UNASKED
        }

    async def _ask_all(
        self, project: Project, asked: Mapping[str, tuple[Query, Instant]]
    ) -> Answers:
        if len(asked) == 1:  # the usual case: no task needed
            return {key: await self._ask(project, *each) for key, each in asked.items()}
        tasks = (self._ask(project, *each) for each in asked.values())
        # All are waited for, also when one breaks: none may run on into the next check.
        found = await asyncio.gather(*tasks, return_exceptions=True)
        return {key: _sound(each) for key, each in zip(asked, found, strict=True)}

    async def _ask(self, project: Project, query: Query, first: Instant) -> Answer | Failure:
        if self._left() <= 0:
            return UNASKED
        try:
            return await self._readings.fetch(
                project, query, first, self._moment.now, remaining=self._left
            )
        except OutOfTime:
            return UNASKED
        except Unreadable as error:
            return self._failed(error)

    def _failed(self, error: Unreadable) -> Failure:
        if not error.retry_after:
            return error.failure
        wait = math.ceil(min(error.retry_after, LONGEST_UNASKED))
        return replace(error.failure, until=self._clock() + wait)

    def _left(self) -> float:
        return self._remaining() - RESERVE


def _sound(found: Answer | Failure | BaseException) -> Answer | Failure:
    if isinstance(found, BaseException):
        raise found
    return found


def requests(
    project: Project, standing: Standing, moment: Moment
) -> dict[str, tuple[Query, Instant]]:
    """Each distinct query with the first window to ask for, by the query's key.

    As far back as its rules look from the first window that is judged, and always so far that an
    answer says itself how far it is known.
    """
    usual = window_of(moment.now - REACH)
    asked: dict[str, tuple[Query, Instant]] = {}
    for rule in project.rules:
        for watch in rule.watches:
            key = watch.query.key
            reach = lookback(rule, sliced=watch.series is None) - 1
            first = min(usual, standing.oldest(key, rule, moment) - reach * WINDOW)
            known = asked.get(key)
            asked[key] = (watch.query, min(first, known[1]) if known else first)
    # What is behind the longest goes first: where time is short, the same would starve each time.
    return dict(sorted(asked.items(), key=lambda each: standing.behind.get(each[0], moment.now)))
