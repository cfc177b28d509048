"""Which baselines are due in one run of the making, in which order, and what each has to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from headroom.domain.baseline import KEPT, Baseline
from headroom.domain.hours import Hours
from headroom.domain.lines import LineQuery
from headroom.domain.readings import Query
from headroom.domain.rules import Project, Rule
from headroom.domain.stored_baselines import DAY, NEVER, BaselineKey, Times, needed
from headroom.domain.windows import WEEK, WINDOW, Instant

Source = tuple[tuple[str, ...], str, Query]
"""What makes two queries one request: the line, the key that reads it, and the query."""


def source(asked: LineQuery) -> Source:
    """See `Source`."""
    return asked.line.ids, asked.line.api_key, asked.query


class Range(NamedTuple):
    """Windows that are asked for at once, both included; at most a week."""

    first: Instant
    until: Instant

    def requests(self, query: Query) -> int:
        """The requests that it takes: the client asks sliced queries by days (`polyai.urls`)."""
        longest = DAY if query.slice_by else WEEK
        return max(1, -(-(self.until - self.first) // longest))


@dataclass(frozen=True, slots=True)
class Target:
    """One baseline that the configuration needs."""

    key: BaselineKey
    project: Project
    query: Query
    times: Times = NEVER

    @property
    def asked(self) -> tuple[LineQuery, ...]:
        """What it is made of: its query, as each line of the project is asked it."""
        return self.project.asked(self.query)

    @property
    def sources(self) -> set[Source]:
        """What it is made of, the same for targets that ask the same."""
        return {source(each) for each in self.asked}

    @property
    def rules(self) -> list[Rule]:
        """The rules that are judged by it."""
        return [
            rule
            for rule in self.project.rules
            if rule.needs_usual and any(each.query == self.query for each in rule.watches)
        ]

    def age(self, at: Instant) -> int:
        """Seconds since it was made, or first attempted."""
        return max(0, at - (self.times.made or self.times.wanted or at))

    @property
    def hours(self) -> Hours:
        """The time zone and holidays by which new levels are looked for: of its first rule."""
        return self.rules[0].hours

    def again(self) -> Target:
        """The same where what is stored is invalid, whenever it was made: its rules wait for it."""
        return replace(self, times=replace(self.times, made=0))

    def is_due(self, at: Instant) -> bool:
        """Whether it was made a day ago, or never."""
        return at >= self.times.made + DAY


def targets(projects: Iterable[Project]) -> list[Target]:
    """Every baseline that these projects need."""
    return [
        Target(key, project, query)
        for project in projects
        for key, query in needed(project).items()
    ]


def due(wanted: Iterable[Target], at: Instant) -> list[Target]:
    """Those to make now: the one whose last attempt is the longest ago first, so that none starves.

    Those that ask the same as a due one are made with it, so that they are asked once from then on.
    """
    known = list(wanted)
    sources = {each for target in known if target.is_due(at) for each in target.sources}
    chosen = [target for target in known if target.sources & sources]
    return sorted(chosen, key=lambda each: (each.times.attempted, each.key))


def ranges(before: Baseline | None, until: Instant) -> Iterator[Range]:
    """What is left to ask up to a window, oldest first: five weeks, or what is new."""
    first = until - (KEPT - 1) * WINDOW
    if before is not None:
        first = max(first, before.until + WINDOW)
    while first <= until:
        yield Range(first, min(until, first + WEEK - WINDOW))
        first += WEEK


def with_times(wanted: Iterable[Target], times: Mapping[BaselineKey, Times]) -> list[Target]:
    """The same targets, with when each was made."""
    return [Target(t.key, t.project, t.query, times.get(t.key, NEVER)) for t in wanted]
