"""How far each answer was known: windows after its newest reading are late (DESIGN 4.1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from tests.simulation.facts import Facts, Fetch, Window
from tests.simulation.oracle.windows import WINDOW, closed_by

HOUR = 3600


class Knowledge:
    """What every answer of one run says of itself.

    `only`: as somebody knows it who asks a line for nothing else.
    """

    def __init__(self, facts: Facts, only: str | None = None) -> None:
        self._facts = facts
        self._asked: dict[tuple[int, str, int], list[Fetch]] = defaultdict(list)
        rounds: Counter[tuple[int, str, str]] = Counter()
        for each in facts.fetches:
            if only is not None and each.query != only:
                continue
            mine = each.check, each.project, each.query
            self._asked[each.check, each.project, rounds[mine]].append(each)
            rounds[mine] += 1
        self._stopped = {
            (each.project, each.query)
            for beside in self._asked.values()
            for each in beside
            if not each.failure and self._known(each, beside)[1]
        }

    def until(self, check: int, project: str, query: str, at: int) -> tuple[Window, Window]:
        """The newest window that was final, at least and at most: a check may ask twice."""
        found = [
            known
            for nth in range(2)
            for beside in [self._asked.get((check, project, nth), [])]
            for each in beside
            if each.query == query and not each.failure
            for known in (self._known(each, beside)[0], self._known(each, self._sure(beside))[0])
        ]
        closed = closed_by(at, self._facts.settle)
        return min(found, default=closed), max(found, default=closed)

    def silent(self, check: int, project: str, query: str, ended: Window) -> frozenset[bool]:
        """Whether a window was only taken for one without calls: nothing came for an hour.

        Both, where an answer had stopped before: it has to go one window further to go on.
        """
        found: set[bool] = set()
        for nth in range(2):
            beside = self._asked.get((check, project, nth), [])
            mine = [each for each in beside if each.query == query and not each.failure]
            for each in mine:
                ways = [
                    [one.newest or 0 for one in some if one is not each and not one.failure]
                    for some in (beside, self._sure(beside))
                ]
                overdue = closed_by(each.at, self._facts.late)
                newest = each.newest or 0
                hour = (each.at - HOUR) // WINDOW * WINDOW
                found |= {
                    newest < min(hour, ended) and max(others, default=0) < goes_on
                    for goes_on in (overdue, overdue + WINDOW)
                    for others in ways
                }
        return frozenset(found)

    def outcomes(self, check: int, project: str) -> Iterator[tuple[str, str, str]]:
        """How each query of a check went, each time that it asked: `late` where one stops.

        The query, the outcome, and which sort of failure it was.

        Beside a query that failed, one that stops failed likewise, for the same cause: it is not
        known whether that other goes on.
        """
        for nth in range(2):
            beside = self._asked.get((check, project, nth), [])
            failed = [each for each in beside if each.failure]
            how = {("passing", each.kind) for each in failed} or {("late", "late")}
            for each in beside:
                stops = not each.failure and self._known(each, beside)[1]
                if stops or self._may_stop_still(each, beside):
                    yield from ((each.query, *one) for one in sorted(how))
                if not stops:
                    yield each.query, each.failure, each.kind

    def _sure(self, beside: Sequence[Fetch]) -> list[Fetch]:
        """The answers that never stopped: one that goes on again shows nothing of others yet."""
        return [each for each in beside if (each.project, each.query) not in self._stopped]

    def _may_stop_still(self, asked: Fetch, beside: Sequence[Fetch]) -> bool:
        """Whether an answer that had stopped goes on, but not one window further than it must.

        It still stops where that was stored; of a check that was killed that is not known.
        """
        closed = closed_by(asked.at, self._facts.settle)
        overdue = closed_by(asked.at, self._facts.late)
        if asked.failure or asked.newest is None or overdue >= closed:
            return False
        if self._known(asked, self._sure(beside))[1]:
            return True
        published = [each.newest for each in beside if not each.failure and each.newest is not None]
        mine = asked.project, asked.query
        return max(published, default=0) < min(closed, overdue + WINDOW) and mine in self._stopped

    def at_the_end(self, project: str, query: str) -> tuple[Window, Window]:
        """The same of all checks that came to their end: what was final once stays final."""
        done = {each.check for each in self._facts.checks if each.how == "done"}
        found = [
            self.until(each.check, project, query, each.at)
            for each in self._facts.fetches
            if (each.project, each.query, each.failure) == (project, query, "")
            and each.check in done
        ]
        closed = closed_by(self._facts.ended, self._facts.settle)
        if not found:
            return closed, closed
        return max(low for low, _ in found), max(high for _, high in found)

    def _known(self, asked: Fetch, beside: Sequence[Fetch]) -> tuple[Window, bool]:
        """The newest final window, and whether the answer is a failure for what it lacks.

        An open window says nothing of those before it, but that PolyAI goes on publishing.
        """
        closed = closed_by(asked.at, self._facts.settle)
        overdue = closed_by(asked.at, self._facts.late)
        newest = asked.newest
        if newest is not None and newest >= overdue:
            return max(asked.closed or 0, overdue), False
        if newest is None or newest < (asked.at - HOUR) // WINDOW * WINDOW:
            return overdue, False  # no calls in the whole hour
        others = [
            min(each.newest, closed)
            for each in beside
            if each.query != asked.query and not each.failure and each.newest is not None
        ]
        if asked.gaps * WINDOW >= self._facts.late:
            return overdue, False  # it leaves out windows without calls
        until = max(newest, min(overdue, max(others, default=0)))
        return until, until < overdue
