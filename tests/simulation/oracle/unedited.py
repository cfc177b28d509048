"""Projects that nobody edits: each stretch at which a level holds is one incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.facts import Facts, ProjectFacts, RuleFacts, Window
from tests.simulation.oracle.configuration import KNOWN, series_of
from tests.simulation.oracle.incident_truth import IncidentTruth, span
from tests.simulation.oracle.incidents import Incident, alert_name
from tests.simulation.oracle.lateness import Knowledge
from tests.simulation.oracle.windows import WINDOW, Alert, Stretch, alert_of, closed_by, stretches

HOUR, ENOUGH = 3600, 3
BEHIND, LASTS = 120, 60
"""Seconds that an event is old at most when its check starts, and that a check takes at most."""


@dataclass(frozen=True)
class Truth:
    """One alert from its first check on: the severity at each window, and the stretches."""

    held: Mapping[Window, str]
    stretches: Sequence[Stretch]
    first: Window
    """The newest closed window at the first check."""


def unedited(
    facts: Facts, project: str, now: ProjectFacts, incidents: Sequence[Incident]
) -> Iterator[str]:
    """What is wrong with the incidents of one project."""
    first_checks = _first_checks(facts, project)
    knowledge = Knowledge(facts)
    for rule in now.rules:
        for series in series_of(facts, project, rule.query):
            mine = [each for each in incidents if (each.rule, each.series) == (rule.name, series)]
            judge = _Judge(facts, rule, alert_name(project, rule.name, series), project, knowledge)
            alert = alert_of(facts, rule, (project, rule.query, series))
            yield from judge.best(alert, first_checks, mine)
    known = {
        (rule.name, each) for rule in now.rules for each in series_of(facts, project, rule.query)
    }
    for each in incidents:
        if (each.rule, each.series) not in known:
            yield f"{each}: there is no such rule or series"


def _first_checks(facts: Facts, project: str) -> list[int]:
    """When the first check may have been: the one that was stored first, or one beside it.

    The answers do not matter: a query that could not be read then is caught up from there.
    """
    seen = facts.seen.get(project, facts.ended)
    first = seen - BEHIND - LASTS
    return sorted({each.at for each in facts.checks if first <= each.at <= seen}) or [facts.ended]


@dataclass(frozen=True)
class _Judge:
    """Judges one alert."""

    facts: Facts
    rule: RuleFacts
    name: str
    project: str
    knowledge: Knowledge

    @property
    def closed(self) -> Window:
        """The newest window that counts."""
        return self.knowledge.at_the_end(self.project, self.rule.query)[0]

    def best(
        self, alert: Alert, first_checks: Sequence[int], incidents: Sequence[Incident]
    ) -> list[str]:
        """The complaints with the first check that explains most: it is not known which it was."""
        found: list[list[str]] = []
        for closed in dict.fromkeys(closed_by(at, self.facts.settle) for at in first_checks):
            for first in self._firsts(closed):
                found.append(
                    list(self.compare(alert, self._truth(alert, closed, first), incidents))
                )
                if not found[-1]:
                    return []
        return min(found, key=len, default=[])

    def _firsts(self, closed: Window) -> Iterator[Window]:
        """The first window that took effect: what was late at the first check may be history.

        Its reading counts for the windows after it, but no level was held by it.
        """
        yield closed - (self.rule.among - 1) * WINDOW
        if self._late_at_first(closed):
            yield closed + WINDOW

    def _truth(self, alert: Alert, closed: Window, first: Window) -> Truth:
        """What counts if `closed` was the newest closed window at the first check."""
        last = self.facts.ended // WINDOW * WINDOW
        held = alert.walk(first, last)
        known = self._known_at_first(closed) if self._late_at_first(closed) else closed
        fresh = [each for each in stretches(held, last) if each.ended is None or each.ended > known]
        return Truth(held, fresh, closed)

    def _known_at_first(self, closed: Window) -> Window:
        """How far the answers of the first checks went at least; what ended later is notified."""
        first = closed + WINDOW + self.facts.settle
        first_checks = [each for each in self.facts.fetches if first <= each.at < first + WINDOW]
        mine = (each for each in first_checks if (each.project, each.query) == self._query)
        known = (self.knowledge.until(each.check, *self._query, each.at)[0] for each in mine)
        return min(known, default=closed - self.facts.late)

    @property
    def _query(self) -> tuple[str, str]:
        return self.project, self.rule.query

    def compare(self, alert: Alert, truth: Truth, incidents: Sequence[Incident]) -> Iterator[str]:
        """Compare each stretch with its incident."""
        left = list(incidents)
        for stretch in truth.stretches:
            mine = [each for each in left if self._is_about(each, alert, stretch, truth.first)]
            left = [each for each in left if each not in mine]
            due = stretch.fired <= self.closed and not self._may_be_history(
                alert, stretch, truth.first
            )
            if not mine and due:
                yield f"{self.name}: fired at {span(stretch)}, and there is no notice (DESIGN 4.1)"
            for each in mine[1:]:
                yield f"{each}: a second incident of {span(stretch)} (DESIGN 4.1)"
            for each in mine[:1]:
                judged = IncidentTruth(self.facts, alert, truth.held, stretch, each, self.knowledge)
                yield from judged.complaints()
        for each in left:
            held = ", ".join(map(span, truth.stretches)) or "never"
            yield f"{each}: no level holds there; it did {held} (DESIGN 4.3)"

    def _may_be_history(self, alert: Alert, stretch: Stretch, first: Window) -> bool:
        """Whether it may be history, by late data at the first check or by a late correction."""
        if stretch.fired <= first and self._late_at_first(first):
            return True
        if self.rule.waits_for_usual and self._unread_at_first():
            return True
        corrected = self._correction(alert, stretch)
        if corrected is None:
            return False
        window, at = corrected
        edited = self._defaults_edited(window, at)
        return window <= first or edited or not self._judged(at, window + HOUR)

    def _unread_at_first(self) -> bool:
        """Whether what is usual could not be read when the project was first seen."""
        seen = self.facts.seen.get(self.project, self.facts.ended)
        spans = self.facts.unread_weeks.get(self._query, ())
        return any(first <= seen <= until for first, until in spans)

    def _defaults_edited(self, window: Window, at: int) -> bool:
        """Whether somebody edited every project after the window, and before its correction."""
        invalid_parameters = [
            each for each in self.facts.invalid_parameters if each.part == "defaults"
        ]
        edits = (
            moment for each in invalid_parameters for moment in (each.at, each.until) if moment
        )
        return any(window + WINDOW <= moment <= at + KNOWN for moment in edits)

    def _correction(self, alert: Alert, stretch: Stretch) -> tuple[Window, int] | None:
        """The correction that the stretch is made of, if it is: its window, and when it came."""
        wrong = self.facts.corrected.get((self.project, self.rule.query, self._series(alert)), {})
        for window, at in wrong.items():
            if window <= stretch.fired <= window + 2 * self.rule.among * WINDOW:
                return window, at
        return None

    def _series(self, alert: Alert) -> str:
        return next(
            series for (*_, series), peaks in self.facts.peaks.items() if peaks is alert.peaks
        )

    def _judged(self, first: int, last: int) -> bool:
        """Whether enough checks came to their end between two instants."""
        done = {each.check for each in self.facts.checks if each.how == "done"}
        seen = [
            each
            for each in self.facts.fetches
            if (each.project, each.query, each.failure) == (self.project, self.rule.query, "")
            and each.check in done
            and first <= each.at <= last
            and (each.check, self.project) not in self.facts.unstored
        ]
        return len(seen) >= ENOUGH

    def _late_at_first(self, first: Window) -> bool:
        """Whether a window was late that closed before the project's first check."""
        published = self.facts.published.get((self.project, self.rule.query), {})
        near = range(first - 2 * self.rule.among * WINDOW, first + WINDOW, WINDOW)
        read = any(
            series[:2] == (self.project, self.rule.query) and first in peaks
            for series, peaks in self.facts.peaks.items()
        )
        late = any(published.get(each, 0) > each + WINDOW + self.facts.settle for each in near)
        return late or not read

    def _over_unread(self, incident: Incident, alert: Alert, stretch: Stretch) -> bool:
        """Whether an open window fired while an older one, a breach by itself, had no reading."""
        first = incident.notices[0]
        known = self.knowledge.until(first.check, *self._query, first.at)[0]
        older = range(stretch.fired, incident.since, WINDOW)
        unread = bool(older) and not any(each in alert.peaks for each in older)
        return self.rule.at_once and unread and known < stretch.fired

    def _is_about(self, incident: Incident, alert: Alert, stretch: Stretch, first: Window) -> bool:
        """Whether it is about this stretch: an open window may fire before the one it follows."""
        if incident.since == stretch.fired:
            return True
        early = stretch.fired <= first < incident.since and self._late_at_first(first)
        if early or (self._correction(alert, stretch) and stretch.fired < incident.since):
            # A window that is too late to be judged again still counts for those after it.
            return stretch.ended is None or incident.since < stretch.ended
        later = stretch.fired + WINDOW
        before = closed_by(incident.notices[0].at, self.facts.settle) < stretch.fired
        held = stretch.ended is None or later < stretch.ended
        if self.rule.missing == "breach" and self._over_unread(incident, alert, stretch):
            return stretch.ended is None or incident.since < stretch.ended
        return self.rule.at_once and incident.since == later and before and held
