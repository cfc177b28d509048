"""The fetch of one check: each project's distinct queries, side by side, before the deadline."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from headroom.domain.due_windows import DueWindows
from headroom.domain.lateness import REACH
from headroom.domain.lines import LineQuery
from headroom.domain.m_of_n import lookback
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import UNASKED, Answer, Answers, Failure, FailureCode, Query
from headroom.domain.rules import Project
from headroom.domain.windows import WINDOW, Instant, Moment, window_of
from headroom.ports import Deadline, Readings

RESERVE = 20.0
"""Seconds of the function's time kept for commits and sends: no fetch may use them."""

LONGEST_UNASKED = 3600
"""The most seconds that a query is not sent, however long PolyAI asked to wait."""


_Wanted = tuple[tuple[str, ...], str, Query]
"""What makes two queries one request: the line, the key that reads it, and the query."""


def _wanted(asked: LineQuery) -> _Wanted:
    return asked.line.ids, asked.line.api_key, asked.query


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request of this check, and the first window that it asks for."""

    first: Instant
    answer: asyncio.Future[Answer | Failure]


class Fetch:
    """Asks PolyAI at the moment of one check, before its deadline."""

    def __init__(
        self,
        readings: Readings,
        moment: Moment,
        deadline: Deadline,
        clock: Callable[[], Instant],
    ) -> None:
        self._readings = readings
        self._moment = moment
        self._deadline = deadline.less(RESERVE)
        self._clock = clock
        self._widest: dict[_Wanted, Instant] = {}
        self._sent: dict[_Wanted, _Sent] = {}

    def share(self, asked: Iterable[tuple[LineQuery, Instant]]) -> None:
        """Note queries that several projects may have: each is sent once, for all who ask.

        It is sent over the widest range that was noted, so note all before the first is asked.
        """
        for query, first in asked:
            wanted = _wanted(query)
            self._widest[wanted] = min(first, self._widest.get(wanted, first))

    async def answers(
        self, project: Project, before: ProjectState, broken: Failure | None
    ) -> Answers | None:
        """Return the answer to each distinct query, by its key.

        With `broken`, the bug that broke the first try, nothing is sent and every query fails. A
        query that PolyAI asked us to wait with fails as before until its time has come.

        None: there was no time for any query; a project is reached if at least one was sent.
        """
        if before.watermark > self._moment.closed:
            return {}  # a newer check has judged it
        asked = requests(project, before, self._moment)
        if broken is not None:
            return dict.fromkeys(asked, broken)
        not_sent = {**self._waiting(project, before), **_unknown(asked)}
        left = {key: each for key, each in asked.items() if key not in not_sent}
        found = await self._ask_all(left)
        if found and all(each == UNASKED for each in found.values()):
            return None
        return {key: found[key] if key in found else not_sent[key] for key in asked}

    def _waiting(self, project: Project, before: ProjectState) -> dict[str, Failure]:
        """The queries that must wait, with their failures; an edit of the project ends the wait."""
        if before.config_version != project.version:
            return {}
        now = self._clock()
        # A wait that ends later was written by a clock that was wrong.
        return {
            key: failure
            for key, failure in before.waiting.items()
            if now < (failure.until or 0) <= now + LONGEST_UNASKED
        }

    async def _ask_all(self, asked: Mapping[str, tuple[LineQuery, Instant]]) -> Answers:
        if len(asked) == 1:  # the usual case: no task needed
            return {key: await self._ask(*each) for key, each in asked.items()}
        tasks = (self._ask(*each) for each in asked.values())
        # Wait for all, also when one breaks: none may run on into the next check.
        found = await asyncio.gather(*tasks, return_exceptions=True)
        return {key: _sound(each) for key, each in zip(asked, found, strict=True)}

    async def _ask(self, asked: LineQuery, first: Instant) -> Answer | Failure:
        """The answer; one that was sent for another project, if it reaches back far enough."""
        wanted = _wanted(asked)
        if wanted not in self._widest:
            return await self._send(asked, first)
        sent = self._sent.get(wanted)
        if sent is None or first < sent.first:
            first = min(first, self._widest[wanted])
            sent = _Sent(first, asyncio.ensure_future(self._send(asked, first)))
            self._sent[wanted] = sent
        return await asyncio.shield(sent.answer)

    async def _send(self, asked: LineQuery, first: Instant) -> Answer | Failure:
        if self._deadline.left() <= 0:
            return UNASKED
        found = await self._readings.fetch(
            asked.line, asked.query, first, self._moment.now, deadline=self._deadline
        )
        return self._dated(found) if isinstance(found, Failure) else found

    def _dated(self, failure: Failure) -> Failure:
        """The failure with the instant until which PolyAI asked to wait."""
        if not failure.retry_after:
            return failure
        wait = math.ceil(min(failure.retry_after, LONGEST_UNASKED))
        return replace(failure, until=self._clock() + wait, retry_after=None)


def _unknown(asked: Mapping[str, tuple[LineQuery, Instant]]) -> dict[str, Failure]:
    """The queries of lines that are not known: there is nothing to send."""
    return {
        key: Failure(FailureCode.CONFIG, each.line.problem, lasting=True)
        for key, (each, _) in asked.items()
        if each.line.problem
    }


def _sound(found: Answer | Failure | BaseException) -> Answer | Failure:
    if isinstance(found, BaseException):
        raise found
    return found


def requests(
    project: Project, state: ProjectState, moment: Moment
) -> dict[str, tuple[LineQuery, Instant]]:
    """Each distinct query with the first window to ask for, by the query's key.

    That window is as far back as its rules look from the first window that is judged, and always
    so far back that a late answer is recognised (`lateness.REACH`).
    """
    due = DueWindows(project, state, moment)
    usual = window_of(moment.now - REACH)
    asked: dict[str, tuple[LineQuery, Instant]] = {}
    for rule in project.rules:
        for watch in rule.watches:
            reach = lookback(rule, sliced=watch.series is None) - 1
            first = min(usual, due.oldest(watch.query, rule) - reach * WINDOW)
            for each in project.asked(watch.query):
                known = asked.get(each.key)
                asked[each.key] = (each, min(first, known[1]) if known else first)
    # The query that is behind the longest goes first: else, without time, the same would starve.
    return dict(sorted(asked.items(), key=lambda each: state.behind.get(each[0], moment.now)))
