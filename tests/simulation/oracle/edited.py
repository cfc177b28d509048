"""Projects that somebody edits: each notice is justified, and the last ones are true.

Which configuration a check held is known within bounds only, so each notice needs one of them that
justifies it; what is left at the end is judged by the last one alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.simulation.facts import Facts, InvalidProject, RuleFacts, Window
from tests.simulation.oracle.configuration import Configuration, question, series_of
from tests.simulation.oracle.hours import OUTSIDE_HOURS, active
from tests.simulation.oracle.incidents import Incident, StoredNotice, alert_name, clock
from tests.simulation.oracle.lateness import Knowledge
from tests.simulation.oracle.windows import RANK, WINDOW, Alert, alert_of, closed_by

LOOKED_FOR = 900
"""Seconds; longer than a check goes on without weeks that another one made meanwhile."""


def edited(facts: Facts, project: str, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with the incidents of one project."""
    yield from _Edited(facts, project, Configuration(facts, project), Knowledge(facts)).complaints(
        incidents
    )


@dataclass(frozen=True)
class _Edited:
    """One project and what was written of it."""

    facts: Facts
    project: str
    written: Configuration
    knowledge: Knowledge

    def complaints(self, incidents: Sequence[Incident]) -> Iterator[str]:
        """Everything that is wrong."""
        for incident in incidents:
            for each in incident.notices:
                rules = self._rules(incident, each, self._known(incidents, each))
                if not any(self._justifies(rule, incident, each) for rule in rules):
                    yield f"{incident}: {each}, which no configuration of then justifies"
                yield from (f"{incident}: {each}, {why}" for why in self._reason(incident, each))
        if self.written.settled(self.facts.ended):
            yield from self._at_the_end([each for each in incidents if not each.over])

    def _known(self, incidents: Sequence[Incident], now: StoredNotice) -> int:
        """The newest edit that was known when this was stored: no check may go back behind it."""
        closings = (
            self.written.known_by(each.last.stored_at, each.rule)
            for each in incidents
            if each.last.order < now.order and each.last.by_edit
        )
        return max(closings, default=0)

    def _rules(self, incident: Incident, stored: StoredNotice, known: int) -> list[RuleFacts]:
        """All forms of the incident's rule that the check may have gone by."""
        good = self.written.possible(stored.stored_at, known)
        stops = any(
            how == "late" for _, how, _ in self.knowledge.outcomes(stored.check, self.project)
        )
        if stored.by_edit or (stored.kind == "reminder" and stops):
            # While no window closes, what fired by an earlier form goes on.
            good = self.written.known
        found: list[RuleFacts] = []
        for rule in (rule for each in good for rule in each.rules):
            if rule.name == incident.rule and rule not in found:
                found.append(rule)
        return found

    def _justifies(self, rule: RuleFacts, incident: Incident, stored: StoredNotice) -> bool:
        if stored.by_edit:
            return True
        alert = self._alert(rule, incident.series)
        if alert is None:
            return False
        known = self.knowledge.until(stored.check, self.project, rule.query, stored.at)
        weeks = self.facts.weeks_from.get((self.project, rule.query), 0)
        unknown = stored.stored_at < weeks + LOOKED_FOR
        return any(
            self._justified(each, incident, stored, closed)
            for each in (alert, *([replace(alert, usual=None)] if unknown else []))
            for closed in range(known[0], known[1] + WINDOW, WINDOW)
        )

    def _justified(
        self, alert: Alert, incident: Incident, stored: StoredNotice, closed: Window
    ) -> bool:
        """Whether the windows up to this one, if they were final, justify the notice."""
        if stored.kind == "resolved":
            since = range(incident.since, closed + WINDOW, WINDOW)
            if stored.notice["reason"] == OUTSIDE_HOURS:
                return not all(active(alert.rule, each) for each in since)
            return any(alert.severity(each, None) is None for each in since)
        if stored.kind in ("fired", "missed"):
            return self._begins(alert, incident, stored, closed)
        least = RANK[alert.severity(closed, None)]
        most = [
            alert.severity(each, "critical")
            for each in (closed, *self._opened(alert.rule, stored, closed))
        ]
        if stored.kind == "escalated":  # what came and went is notified, then eased
            since = range(self._joined(alert, incident), closed, WINDOW)
            most += [alert.severity(each, "critical") for each in since]
        return least <= RANK[stored.severity] <= max(RANK[each] for each in most)

    def _joined(self, alert: Alert, incident: Incident) -> Window:
        """The first window of the stretch: an open one may have fired before those before it."""
        first = incident.since
        while (
            alert.severity(first - WINDOW, "critical") and first > incident.since - self.facts.late
        ):
            first -= WINDOW
        return first

    def _begins(self, alert: Alert, incident: Incident, stored: StoredNotice, closed: int) -> bool:
        """Whether a level holds from the firing window on, and its notice is true."""
        opened = self._opened(alert.rule, stored, closed)
        held = alert.held_from(incident.since, max([closed, *opened]))
        if incident.since not in held:
            return False
        if stored.kind == "missed":
            return max(held) < closed and stored.severity in held.values()
        least = RANK[held.get(closed)]
        most = max([least, *(RANK[each] for each in held.values())])
        return max(held) >= closed and least <= RANK[stored.severity] <= most

    def _opened(self, rule: RuleFacts, stored: StoredNotice, closed: Window) -> range:
        return range(closed + WINDOW, stored.at + 1, WINDOW) if rule.at_once else range(0)

    def _alert(self, rule: RuleFacts, series: str) -> Alert | None:
        key = self.project, rule.query, series
        return alert_of(self.facts, rule, key) if key in self.facts.peaks else None

    def _reason(self, incident: Incident, stored: StoredNotice) -> Iterator[str]:
        """Whether it says why an incident ended that did not recover."""
        if stored.kind != "resolved":
            return
        if stored.by_edit:
            before = [each.now for each in self.written.edits if each.at <= stored.stored_at]
            if len(set(map(str, (question(each, incident.rule) for each in before)))) == 1:
                yield f"because {stored.notice['reason']!r}, and nobody edited that"
            return
        now = list(self.written.written(stored.stored_at))
        if all(question(each, incident.rule) is None for each in now) and not any(
            isinstance(each, InvalidProject) for each in now
        ):
            yield "and does not say that it is configured no more (DESIGN 4.4, 5.6)"

    def _at_the_end(self, fires: Sequence[Incident]) -> Iterator[str]:
        now = self.written.in_force
        if now is None and isinstance(self.written.last, InvalidProject):
            return  # nothing of it was ever good: what fires keeps its state
        left = list(fires)
        for rule in now.rules if now else ():
            for series in series_of(self.facts, self.project, rule.query):
                mine = [e for e in left if (e.rule, e.series) == (rule.name, series)]
                left = [each for each in left if each not in mine]
                alert = alert_of(self.facts, rule, (self.project, rule.query, series))
                yield from self._truth(alert, series, mine)
        for each in left:
            yield f"{each}: still fires, and it is configured no more (DESIGN 5.6)"

    def _truth(self, alert: Alert, series: str, fires: Sequence[Incident]) -> Iterator[str]:
        """What fires, beside what holds: whatever the state was when the last edit came."""
        known = self.knowledge.at_the_end(self.project, alert.rule.query)
        closed, final = known[1], range(known[0], known[1] + WINDOW, WINDOW)
        ended = self.facts.ended + 1
        opened = range(closed + WINDOW, ended, WINDOW) if alert.rule.at_once else range(0)
        last = max([closed, *opened])
        first = self._first_check(alert.rule.query)
        if first is None or first > known[0]:
            return
        mildly = alert.walk(first, last)
        least = min(RANK[mildly.get(each)] for each in final)
        hardly = alert.walk(first, last, "critical")
        most = max(RANK[hardly.get(each)] for each in (*final, *opened))
        found = max((RANK[each.last.severity] for each in fires), default=0)
        lately = self.facts.ended - 2 * WINDOW
        for each in fires:  # what came and went is notified, then eased
            if each.last.kind in ("fired", "escalated") and each.last.at > lately:
                most = max(most, *(RANK[one] for one in hardly.values()))
        if not least <= found <= most:
            name = alert_name(self.project, alert.rule.name, series)
            yield (
                f"{name}: at {clock(closed)} severity {least} to {most} holds "
                f"(0: none, 2: critical), {found} is in the last notices: {[*map(str, fires)]}"
            )

    def _first_check(self, query: str) -> int | None:
        """The window after the first check that knew the last edit, if there was one.

        And the weeks that usual is worked out from.
        """
        weeks = self.facts.weeks_from.get((self.project, query), 0) + LOOKED_FOR
        known = max(self.written.judged_from(self.facts.calm), weeks)
        done = {each.check for each in self.facts.checks if each.how == "done"}
        found = [
            each.at
            for each in self.facts.fetches
            if (each.project, each.query, each.failure) == (self.project, query, "")
            and each.at >= known
            and each.check in done
            and (each.check, self.project) not in self.facts.unstored
        ]
        return closed_by(min(found), self.facts.settle) + WINDOW if found else None
