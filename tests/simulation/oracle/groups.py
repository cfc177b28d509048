"""Groups: a window's value is the sum of the members' peaks (DESIGN 3: groups).

A member that cannot be read makes the group partial: it may fire on what it has, and never ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.facts import Facts, GroupFacts, Window
from tests.simulation.oracle.incident_truth import span
from tests.simulation.oracle.incidents import ENDS, Incident, StoredNotice, alert_name, clock
from tests.simulation.oracle.lateness import Knowledge
from tests.simulation.oracle.windows import RANK, WINDOW, Alert, closed_by, stretches

HOUR = 3600
ASKED = "all"
"""What groups ask. Other queries of a line show that it goes on to publish: to its project only."""


def groups(facts: Facts, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with the incidents of groups."""
    for each in facts.groups:
        mine = [one for one in incidents if one.project == each.name]
        judge = _Group(facts, each, Knowledge(facts, only=ASKED))
        yield from judge.complaints(mine)


def together(facts: Facts, group: GroupFacts, query: str) -> dict[Window, int]:
    """The calls of all members; a window that none of them has is missing."""
    lines = [facts.peaks[name, query, ""] for name in group.members]
    windows = sorted({window for line in lines for window in line})
    return {window: sum(line.get(window, 0) for line in lines) for window in windows}


@dataclass(frozen=True)
class _Group:
    """One group."""

    facts: Facts
    group: GroupFacts
    knowledge: Knowledge

    def complaints(self, incidents: Sequence[Incident]) -> Iterator[str]:
        """Everything that is wrong."""
        for rule in self.group.rules:
            alert = Alert(rule, together(self.facts, self.group, rule.query))
            mine = [each for each in incidents if each.rule == rule.name]
            held = alert.walk(self._first(alert), self.facts.ended)
            for each in mine:
                for stored in each.notices:
                    why = self._notice(alert, held, each, stored)
                    yield from (f"{each}: {stored}, {one}" for one in why)
            yield from self._missing(alert, held, mine)
            yield from self._at_the_end(alert, held, mine)
        if self.group.name not in self.facts.seen:
            yield f"{self.group.name}: no check stored anything of it"
        known = {each.name for each in self.group.rules}
        for each in incidents:
            if each.rule not in known:
                yield f"{each}: there is no such rule of the group"

    def _first(self, alert: Alert) -> Window:
        """A window before any that counts."""
        closed = closed_by(self.facts.began, self.facts.settle)
        return closed - 2 * alert.rule.among * WINDOW - HOUR

    def _notice(
        self, alert: Alert, held: Mapping[Window, str], incident: Incident, stored: StoredNotice
    ) -> Iterator[str]:
        """What is wrong with one notice, by the final sums and what its check was answered."""
        known = self._known(alert, stored.check, stored.at)
        if stored.kind in (*ENDS, "eased") and known is None:
            yield "and a member could not be read (DESIGN 3: groups)"
        last = stored.at if alert.rule.at_once or known is None else known
        windows = range(incident.since - self.facts.late, last + 1, WINDOW)
        most = max((RANK[held.get(each)] for each in windows), default=0)
        if RANK[stored.severity] > most:
            yield f"and the sum of its lines reaches {most} at most (DESIGN 4.3)"
        since = range(incident.since, (known or stored.at) + 1, WINDOW)
        if stored.kind in ENDS and all(each in held for each in since):
            yield f"but it held until {clock(since[-1])}"

    def _known(self, alert: Alert, check: int, at: int) -> Window | None:
        """The newest window that was final for every member; None: one was not answered."""
        query = alert.rule.query
        answered = {
            each.project
            for each in self.facts.fetches
            if (each.check, each.query, each.failure) == (check, query, "")
        }
        if not answered.issuperset(self.group.members):
            return None
        return min(self.knowledge.until(check, each, query, at)[1] for each in self.group.members)

    def _whole(self, alert: Alert) -> Window:
        """The newest window that was final for every member at the end."""
        query = alert.rule.query
        return min(self.knowledge.at_the_end(each, query)[0] for each in self.group.members)

    def _missing(
        self, alert: Alert, held: Mapping[Window, str], incidents: Sequence[Incident]
    ) -> Iterator[str]:
        """Stretches that begin well after the first check, and that nobody was notified of."""
        seen = self.facts.seen.get(self.group.name, self.facts.ended)
        for each in stretches(held, self.facts.ended):
            until = each.ended or self.facts.ended
            told = any(each.fired <= one.since < until for one in incidents)
            if not told and seen + HOUR < each.fired <= self._whole(alert):
                name = alert_name(self.group.name, alert.rule.name, "")
                yield f"{name}: fired at {span(each)}, and there is no notice (DESIGN 4.1)"

    def _at_the_end(
        self, alert: Alert, held: Mapping[Window, str], incidents: Sequence[Incident]
    ) -> Iterator[str]:
        known = self._whole(alert)
        for each in incidents:
            if not each.over and known not in held and known >= each.since:
                yield f"{each}: still fires, and nothing holds at {clock(known)} (DESIGN 4.1)"
