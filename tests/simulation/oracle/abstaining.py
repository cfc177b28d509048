"""Whether reports name the rules that have nothing to compare with (DESIGN 3: visibly)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.facts import Facts, RuleFacts
from tests.simulation.oracle.configuration import Configuration
from tests.simulation.oracle.hours import active
from tests.simulation.oracle.incidents import clock
from tests.simulation.oracle.usual import usual_of
from tests.simulation.oracle.windows import SLICED, closed_by


def abstaining(facts: Facts, project: str) -> Iterator[str]:
    """What is wrong with the reports about one project that nobody edits."""
    now = Configuration(facts, project).stable
    for rule in now.rules if now else ():
        if rule.of_usual and rule.query != SLICED:
            yield from _of_rule(facts, project, rule)


def _of_rule(facts: Facts, project: str, rule: RuleFacts) -> Iterator[str]:
    usual = usual_of(facts, rule, (project, rule.query, ""))
    said = {each.check: (project, rule.name) in each.abstaining for each in facts.reports}
    known = facts.weeks_from.get((project, rule.query), 0)
    for check, at in _judged(facts, project, rule.query):
        closed = closed_by(at, facts.settle)
        if check not in said or (known and at < known + 900):
            continue
        abstains = active(rule, closed) and (usual is None or usual.at(closed) is None)
        if said[check] != abstains:
            how = "is" if said[check] else "is not"
            yield (
                f"{project}/{rule.name}: the report of {clock(at)} says that it {how} abstaining; "
                f"usual at {clock(closed)}: {usual and usual.at(closed)} (DESIGN 3)"
            )


def _judged(facts: Facts, project: str, query: str) -> Iterator[tuple[int, int]]:
    """The checks that read the query and judged it by what they knew, with their instants."""
    unread = facts.unread_weeks.get((project, query), ())
    done = {each.check for each in facts.checks if each.how == "done"}
    newest = 0
    for each in facts.fetches:
        overtaken, newest = each.at < newest, max(newest, each.at)
        mine = (each.project, each.query, each.failure) == (project, query, "")
        read = not any(first <= each.at <= until for first, until in unread)
        stored = each.check in done and (each.check, project) not in facts.unstored
        if mine and read and stored and not overtaken:
            yield each.check, each.at
