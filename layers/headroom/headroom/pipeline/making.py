"""Makes the baselines that are due: reads what is new since the last time, and stores it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from headroom.domain.baseline import Baseline, NewLevel, extended, leaving_out, spans
from headroom.domain.baselines import Unread
from headroom.domain.groups import combine
from headroom.domain.lines import LineFailure, LineQuery
from headroom.domain.new_level import with_new_levels
from headroom.domain.readings import UNASKED, Answer, Failure, FailureCode
from headroom.domain.unreachable import reason_of
from headroom.domain.windows import WEEK, Instant, Moment
from headroom.errors import StateUnavailable
from headroom.pipeline.baseline_report import BaselineReport, MakingOutcome
from headroom.pipeline.making_plan import (
    Range,
    Source,
    Target,
    due,
    ranges,
    source,
    targets,
    with_times,
)
from headroom.pipeline.usual_incidents import firings
from headroom.ports import Deadline, Ports

BUDGET = 1000
"""Requests to PolyAI in one run. The daily request of a thousand projects fits, and the five of a
first making are spread over hours; a thousand projects are checked with 60,000 an hour."""

AT_ONCE = 4
"""Baselines that are made side by side: PolyAI has the checks to answer meanwhile."""

RESERVE = 15.0
"""Seconds of the function's time kept for stores: no request may use them."""

RATE_LIMITED = 429

OVER = Failure(FailureCode.UNASKED, "the run's time or budget of requests is over")


async def make_baselines(
    ports: Ports, at: Instant, deadline: Deadline, budget: int = BUDGET
) -> BaselineReport:
    """Make what is due at this instant, as far as time and budget go.

    Raises ConfigUnavailable or StateUnavailable when the configuration, or when each baseline was
    made, cannot be read. One baseline that cannot be made is reported, and stops no other.
    """
    config = await ports.source.load()
    wanted = targets(config.projects.values())
    faults = (f"invalid config {name}: {why}" for name, why in config.own_faults().items())
    report = BaselineReport(
        at=at, wanted=len(wanted), invalid=(*faults, *map(str, config.faults.values()))
    )
    if not wanted:
        return report
    known = await _known(ports, wanted, at)
    until = Moment.at(at, settle=config.settle, late=config.late).overdue
    chosen = due(known, at)
    run = _Run(ports, at, until, deadline.less(RESERVE), budget)
    outcomes = await run.all(chosen)
    made = {each.key for each in outcomes if each.complete}
    ports.memory.forget(made)  # where checks run in the same process
    left = [each for each in known if each.key not in made]
    report.add(outcomes)
    still = [str(each.key) for each in left if each.is_due(at)]
    report.due, report.unreached = len(still), len({*still} - {*report.failed})
    report.oldest_seconds = max((each.age(at) for each in left), default=0)
    report.requests = run.requests
    return report


async def _known(ports: Ports, wanted: Sequence[Target], at: Instant) -> list[Target]:
    """The targets with when each was made; one whose stored baseline is invalid is due now."""
    known = with_times(wanted, await ports.baselines.times([each.key for each in wanted]))
    fresh = [each.key for each in known if not each.is_due(at)]
    stored = await ports.baselines.read(fresh) if fresh else {}
    return [each.again() if isinstance(stored.get(each.key), Unread) else each for each in known]


@dataclass(slots=True)
class _Run:
    """One run, with what it has asked so far."""

    ports: Ports
    at: Instant
    until: Instant
    deadline: Deadline
    budget: int
    requests: int = 0
    asked: dict[tuple[Source, Range], asyncio.Task[Answer | Failure]] = field(default_factory=dict)
    told: dict[str, asyncio.Task[Sequence[Mapping[str, Any]]]] = field(default_factory=dict)
    """The history of each project, once it was read."""
    shared: Collection[Source] = ()
    """The sources of several targets: their answers are kept until the end of the run."""
    waiting: set[object] = field(default_factory=set)
    """Keys that PolyAI asks us to wait with."""

    async def all(self, chosen: Sequence[Target]) -> list[MakingOutcome]:
        """Make these in their order, some side by side."""
        sources = Counter(each for target in chosen for each in target.sources)
        self.shared = {each for each, targets in sources.items() if targets > 1}
        queue = iter(chosen)
        parts = await asyncio.gather(*(self._work(queue) for _ in range(AT_ONCE)))
        return [each for part in parts for each in part]

    async def _work(self, queue: Iterator[Target]) -> list[MakingOutcome]:
        return [await self._attempt(target) for target in queue if not self.over]

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked in this run."""
        return self.requests >= self.budget or self.deadline.left() <= 0

    async def _attempt(self, target: Target) -> MakingOutcome:
        """Make one; whatever goes wrong is its outcome, and it is tried in the next run again."""
        outcome = await self._guarded(target)
        if outcome.failure and target.key.line:
            with suppress(StateUnavailable):
                await self.ports.baselines.failed(target.key, self.at)
        return outcome

    async def _guarded(self, target: Target) -> MakingOutcome:
        try:
            return await self._make(target)
        except StateUnavailable as error:
            return MakingOutcome(target, failure=str(error))
        except Exception as bug:  # noqa: BLE001 (not swallowed: the report ends with it)
            why = f"Headroom broke on it: {type(bug).__name__}"
            return MakingOutcome(target, failure=why, bug=bug)

    async def _make(self, target: Target) -> MakingOutcome:
        """Read what is left, and store it; what was read before a failure is stored too."""
        stored = (await self.ports.baselines.read([target.key])).get(target.key)
        before = stored if isinstance(stored, Baseline) else None  # made anew if it is invalid
        made, failure = before, None
        for part in ranges(before, self.until):
            answer = await self._answers(target, part)
            if isinstance(answer, LineFailure):
                failure = answer
                break
            made = extended(made, answer, first=part.first, until=part.until, made=0)
        why = "" if failure is None or failure.failure == OVER else _why(target, failure)
        if made is None or (made is before and failure):
            return MakingOutcome(target, failure=why)
        if failure is None:
            made = replace(made, made=self.at)
        return replace(await self._finish(target, made, before), failure=why)

    async def _finish(
        self, target: Target, made: Baseline, before: Baseline | None
    ) -> MakingOutcome:
        """Leave out incidents, look for new levels, and store."""
        history = await self._history(target.project.name)
        incidents = spans(firings(history, target.rules, target.query), until=made.until)
        made = leaving_out(made, incidents)
        complete = made.made == self.at
        if complete:
            made = with_new_levels(made, target.hours)
        no_room = await self.ports.baselines.store(target.key, made)
        return MakingOutcome(
            target,
            complete=complete,
            baseline=made,
            no_room=no_room,
            new_levels=tuple(_found(made, before)),
        )

    async def _history(self, project: str) -> Sequence[Mapping[str, Any]]:
        """The notices of the weeks that usual looks back on, and of incidents that began before."""
        if project not in self.told:
            reading = self.ports.baselines.history(project, self.at - 7 * WEEK)
            self.told[project] = asyncio.ensure_future(reading)
        return await self.told[project]

    async def _answers(self, target: Target, part: Range) -> Answer | LineFailure:
        """The readings of a range, of all lines together; one that fails stops the rest."""
        answers: list[Answer] = []
        for asked in target.asked:
            answer = await self._answer(asked, part)
            if isinstance(answer, Failure):
                return LineFailure(asked.line, answer)
            answers.append(answer)
        return answers[0] if len(answers) == 1 else combine(target.project.basis, answers)

    async def _answer(self, asked: LineQuery, part: Range) -> Answer | Failure:
        """The readings of one line; targets that ask the same share one request."""
        key = (source(asked), part)
        if key[0] not in self.shared:
            return await self._ask(asked, part)
        if key not in self.asked:
            self.asked[key] = asyncio.ensure_future(self._ask(asked, part))
        return await self.asked[key]

    async def _ask(self, asked: LineQuery, part: Range) -> Answer | Failure:
        """Ask PolyAI; `OVER` where this run asks nothing more with the key."""
        if asked.line.problem:
            return Failure(FailureCode.CONFIG, asked.line.problem, lasting=True)
        requests = part.requests(asked.query)
        key = (asked.line.region, asked.line.api_key)
        if self.over or self.requests + requests > self.budget or key in self.waiting:
            return OVER
        self.requests += requests
        answer = await self.ports.readings.fetch(
            asked.line, asked.query, part.first, part.until, deadline=self.deadline
        )
        if isinstance(answer, Failure) and answer.code == RATE_LIMITED:
            self.waiting.add(key)
        return OVER if answer == UNASKED else answer


def _why(target: Target, failed: LineFailure) -> str:
    """Why, and of a group which line it is."""
    line = f"{failed.line.name}: " if len(target.project.lines) > 1 else ""
    return f"{line}{reason_of([failed])}"


def _found(made: Baseline, before: Baseline | None) -> Iterator[tuple[str, NewLevel]]:
    """The new levels that were not known before."""
    known = before.levels if before else {}
    for series, levels in made.levels.items():
        for each in levels:
            if each not in known.get(series, ()):
                yield series, each
