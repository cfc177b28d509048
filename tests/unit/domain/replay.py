"""Checks replayed over generated readings: only what the pipeline asks for is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from headroom.domain import hours_text
from headroom.domain.baseline import Baseline
from headroom.domain.baselines import Unread
from headroom.domain.evaluation import evaluate
from headroom.domain.hours import Hours
from headroom.domain.notices import Kind, Notice
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import WHOLE, Answer, Failure
from headroom.domain.rules import WHOLE_SHARE, Level, Missing, Project, Rule, Severity, UsualBound
from headroom.domain.windows import WINDOW, Moment
from headroom.pipeline.fetch import requests
from tests.builders import T0, document, project, query, rule, watch
from tests.simulation.facts import RuleFacts as Spec
from tests.simulation.oracle.windows import SLICED
from tests.simulation.oracle.windows import Alert as Truth
from tests.unit.domain.oracle import Story

SETTLE = 60
LATE = 900


def as_project(spec: Spec) -> Project:
    """The oracle's rule as the configuration would resolve it."""
    levels = [_level(spec, Severity(name), bound) for name, bound in Truth(spec, {}).levels]
    asked = watch(query=query(slice_by="variant"), series=None) if spec.query == SLICED else watch()
    made: Rule = rule(
        name="generated",
        levels=tuple(levels),
        upper=spec.upper,
        watches=(asked,),
        needed=spec.needed,
        among=spec.among,
        missing=Missing(spec.missing),
        remind=None,
        hours=Hours(
            spec.zone,
            tuple(map(hours_text.hours, spec.during)),
            frozenset(map(date.fromisoformat, spec.holidays)),
        ),
    )
    return project(rules=(made,))


def _level(spec: Spec, severity: Severity, bound: int) -> Level:
    holds = bound - spec.margin if spec.upper else bound + spec.margin
    if spec.of_usual:
        op = ">=" if spec.upper else "<="
        shares = UsualBound(op, bound * WHOLE_SHARE // 100, holds * WHOLE_SHARE // 100)
        return Level(severity, f"{op} {bound}% of usual", usual=shares)
    ahead = spec.within // WINDOW
    return Level(severity, "as generated", bound, holds, float(bound), ahead=ahead)


@dataclass
class Line:
    """One phone line: the final peaks by window, and how an open window grows towards them."""

    peaks: Mapping[int, int]
    shares: tuple[float, ...] = (1.0,) * 5
    """The share of the final peak that is reached after each minute of the window.

    At 0 there is no reading at all yet: it is not known whether PolyAI gives one before a call.
    """
    published: Mapping[int, int] = field(default_factory=dict)
    """When each window can be seen first; the others can from their start."""
    corrected: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Windows that say less until an instant: that, and what they say before."""

    def seen(self, now: int, first: int) -> dict[int, int]:
        """What PolyAI answers at one instant."""
        known = (window for window in self.peaks if first <= window <= now)
        shares = ((window, self._share(window, now)) for window in known)
        seen = {window: int(self.peaks[window] * share) for window, share in shares if share}
        wrong = {window: less for window, (until, less) in self.corrected.items() if now < until}
        return seen | {window: less for window, less in wrong.items() if window in seen}

    def _share(self, window: int, now: int) -> float:
        if now < self.published.get(window, window):
            return 0
        minute = (now - window) // 60
        return self.shares[minute] if minute < len(self.shares) else 1.0


@dataclass
class Replay:
    """One run of checks over one line."""

    project: Project
    line: Line
    state: ProjectState = field(default_factory=lambda: document(since=T0))
    notices: list[Notice] = field(default_factory=list)
    baseline: Baseline | None = None
    """What its rule compares the readings with."""
    unread: frozenset[int] = frozenset()
    """Checks that cannot read it."""

    def check(self, now: int, failure: Failure | None = None) -> None:
        """One check; the state that it leaves is all that the next one knows."""
        moment = Moment.at(now, settle=SETTLE, late=LATE)
        if self.state.watermark > moment.closed:
            return
        asked = requests(self.project, self.state, moment)
        answers: dict[str, Answer | Failure] = {
            key: failure or self._answer(first, now, sliced=bool(each.query.slice_by))
            for key, (each, first) in asked.items()
        }
        done = evaluate(self.project, self.state, answers, moment, self._baselines(now))
        self.state = done.state
        self.notices += [each.notice for each in done.notices]

    def _baselines(self, now: int) -> dict[str, Baseline | Unread]:
        if now in self.unread:
            return {query().key: Unread("the store is down")}
        return {query().key: self.baseline} if self.baseline else {}

    def _answer(self, first: int, now: int, *, sliced: bool) -> Answer:
        peaks = self.line.seen(now, first)
        if not sliced:
            return Answer({WHOLE: peaks})
        return Answer({"v1": peaks} if peaks else {})

    def run(self, times: Iterable[int]) -> Replay:
        """Check at each of the times."""
        for now in times:
            self.check(now)
        return self

    def stories(self) -> list[Story]:
        """The incidents in the order of their beginnings, by notices and what is open."""
        told: dict[str, Story] = {}
        for each in self.notices:
            story = told.setdefault(each.incident_id, Story(each.since, None, each.severity.value))
            if each.severity is Severity.CRITICAL:
                story.worst = "critical"
            if each.kind.ends:
                assert story.ended is None, "an incident ended twice"
                story.ended = each.since + each.duration_seconds
        for open_still in self.state.incidents.values():
            told[open_still.id].worst = open_still.episode.worst.value
        return sorted(told.values(), key=lambda story: story.since)

    def kinds(self) -> list[Kind]:
        """The kinds of notices, in order."""
        return [each.kind for each in self.notices]


def windows(count: int) -> list[int]:
    """The first windows after `T0`, which the replay takes as evaluated."""
    return [T0 + WINDOW * place for place in range(1, count + 1)]
