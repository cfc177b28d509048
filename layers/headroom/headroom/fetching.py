"""The fetch of one check: each project's distinct queries, side by side, in the time there is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from headroom.domain.readings import UNASKED, Answer, Failure, Query
from headroom.domain.rules import Project
from headroom.domain.windows import Instant, Moment
from headroom.plan import Begun, requests
from headroom.ports import Readings
from headroom.state.document import Document
from headroom.turn import Answers, stands

RESERVE = 20.0
"""Seconds of the function's time kept for commits and sends: no fetch may use them."""

LONGEST_UNASKED = 3600
"""Seconds that a query is not asked at most, however long PolyAI asked to wait."""


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

    async def answers(
        self, project: Project, begun: Begun, broken: Failure | None
    ) -> Answers | None:
        """One request for each distinct query; none when a try broke already.

        A query that PolyAI asked to wait with fails as before until its time has come. None: there
        was no time for any query. A project counts as reached if at least one was sent.
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
        if found and all(each == UNASKED for each in found.values()):
            return None
        return {key: found[key] if key in found else waiting[key] for key in asked}

    def _waiting(self, project: Project, before: Document) -> dict[str, Failure]:
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
        found = await self._readings.fetch(
            project, query, first, self._moment.now, remaining=self._left
        )
        return self._dated(found) if isinstance(found, Failure) else found

    def _dated(self, failure: Failure) -> Failure:
        """The failure with the instant until which PolyAI asked to wait."""
        if not failure.retry_after:
            return failure
        wait = math.ceil(min(failure.retry_after, LONGEST_UNASKED))
        return replace(failure, until=self._clock() + wait, retry_after=None)

    def _left(self) -> float:
        return self._remaining() - RESERVE


def _sound(found: Answer | Failure | BaseException) -> Answer | Failure:
    if isinstance(found, BaseException):
        raise found
    return found
