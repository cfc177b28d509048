"""Projects that nobody edits: every story of the readings is told as one incident, and no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.facts import Facts, ProjectFacts, RuleFacts, Window
from tests.simulation.oracle_config import series_of
from tests.simulation.oracle_tale import Tale, span
from tests.simulation.oracle_told import Incident, alert_name
from tests.simulation.oracle_windows import WINDOW, Line, Story, closed_by, stories

BEHIND, LASTS = 120, 60
"""Seconds that an event is old at most when its check starts, and that a check takes at most."""


@dataclass(frozen=True)
class Truth:
    """One alert from its first look on: the severity at each window, and the stories that count."""

    held: Mapping[Window, str]
    stories: Sequence[Story]


def untouched(
    facts: Facts, project: str, now: ProjectFacts, told: Sequence[Incident]
) -> Iterator[str]:
    """What is wrong with the incidents of one project."""
    looks = _first_looks(facts, project)
    for rule in now.rules:
        for series in series_of(facts, project, rule.query):
            mine = [each for each in told if (each.rule, each.series) == (rule.name, series)]
            judge = _Judge(facts, rule, alert_name(project, rule.name, series))
            line = Line(rule, facts.peaks[project, rule.query, series])
            yield from judge.best(line, looks, mine)
    known = {
        (rule.name, each) for rule in now.rules for each in series_of(facts, project, rule.query)
    }
    for each in told:
        if (each.rule, each.series) not in known:
            yield f"{each}: there is no such rule or series"


def _first_looks(facts: Facts, project: str) -> list[int]:
    """When the first look may have been: by the check that was stored first, or one beside it.

    Whatever the answers were: a query that could not be read then is caught up with from there.
    """
    seen = facts.seen.get(project, facts.ended)
    first = seen - BEHIND - LASTS
    return sorted({each.at for each in facts.checks if first <= each.at <= seen}) or [facts.ended]


@dataclass(frozen=True)
class _Judge:
    """One alert before the court."""

    facts: Facts
    rule: RuleFacts
    name: str

    @property
    def closed(self) -> Window:
        """The newest window that counts."""
        return closed_by(self.facts.ended, self.facts.settle)

    def best(self, line: Line, looks: Sequence[int], told: Sequence[Incident]) -> list[str]:
        """The complaints by the first look that explains most: the schedule decides which it is."""
        found: list[list[str]] = []
        for closed in dict.fromkeys(closed_by(at, self.facts.settle) for at in looks):
            found.append(list(self.compare(line, self._truth(line, closed), told)))
            if not found[-1]:
                return []
        return min(found, key=len, default=[])

    def _truth(self, line: Line, closed: Window) -> Truth:
        """What counts if `closed` was the newest closed window at the first look."""
        last = self.facts.ended // WINDOW * WINDOW
        held = line.walk(closed - (self.rule.among - 1) * WINDOW, last)
        fresh = [each for each in stories(held, last) if each.ended is None or each.ended > closed]
        return Truth(held, fresh)

    def compare(self, line: Line, truth: Truth, told: Sequence[Incident]) -> Iterator[str]:
        """Each story with its incident."""
        left = list(told)
        for story in truth.stories:
            mine = [each for each in left if self._tells(each, story)]
            left = [each for each in left if each not in mine]
            if not mine and story.fired <= self.closed:
                yield f"{self.name}: fired at {span(story)}, and nobody was told (DESIGN 4.1)"
            for each in mine[1:]:
                yield f"{each}: tells {span(story)} a second time (DESIGN 4.1)"
            for each in mine[:1]:
                yield from Tale(self.facts, line, truth.held, story, each).complaints()
        for each in left:
            held = ", ".join(map(span, truth.stories)) or "never"
            yield f"{each}: no level holds there; it did {held} (DESIGN 4.3)"

    def _tells(self, incident: Incident, story: Story) -> bool:
        """Whether it is about this story; an open window may fire before the one it follows."""
        if incident.since == story.fired:
            return True
        later = story.fired + WINDOW
        before = closed_by(incident.told[0].at, self.facts.settle) < story.fired
        held = story.ended is None or later < story.ended
        return self.rule.upper and incident.since == later and before and held
