"""The two alerts on Headroom's own sight: `unreachable` and `config` (DESIGN 3 and 4.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulation.facts import Facts, Refusal
from tests.simulation.oracle_config import Configuration
from tests.simulation.oracle_late import Knowledge
from tests.simulation.oracle_told import Incident, Told, alert_name, clock

FIRES, WORSENS = 600, 1800
"""Seconds of passing failures until it fires, and of any until it is critical."""
TRIES = 3
"""Checks in a row that came to their end: one of them was stored, whatever raced with them."""


@dataclass(slots=True)
class Look:
    """How one check found one project."""

    at: int
    done: bool
    """Whether it came to its end, and nothing kept it from storing what it saw."""
    loaded: int = 0
    """The place of its load among all that happened."""
    stored: int = 0
    """The same of its last commit of this project; 0: there was none."""
    outcomes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By query; more than one where the check lost a race and asked again."""

    @property
    def failed(self) -> frozenset[str]:
        """The queries of which it got no answer at all."""
        return frozenset(query for query, how in self.outcomes.items() if "" not in how)

    @property
    def good(self) -> bool:
        """Whether every query was answered."""
        return not any(one for how in self.outcomes.values() for one in how)

    @property
    def good_at_last(self) -> bool:
        """Whether every query was answered, the last time that it was asked."""
        return bool(self.outcomes) and not any(how[-1] for how in self.outcomes.values())

    @property
    def at_once(self) -> bool:
        """Whether any failure was one that is told at once: it lasts, or was waited for."""
        return any({"lasting", "late"} & {*how} for how in self.outcomes.values())


def looks(facts: Facts, project: str) -> dict[int, Look]:
    """By check, in the order of the events' times."""
    knowledge = Knowledge(facts)
    done = {each.check: each.how == "done" for each in facts.checks}
    commits = {each.check: each.order for each in facts.commits if each.project == project}
    found: dict[int, Look] = {}
    for each in facts.asked:
        if each.project == project and each.check not in found:
            stored = done.get(each.check, False) and (each.check, project) not in facts.unstored
            places = facts.loads.get(each.check, 0), commits.get(each.check, 0)
            look = found[each.check] = Look(each.at, stored, *places)
            for query, outcome in knowledge.outcomes(each.check, project):
                look.outcomes[query].append(outcome)
    return dict(sorted(found.items(), key=lambda pair: pair[1].at))


def blindness(facts: Facts, project: str, told: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with what was told of a project that cannot be read."""
    seen = looks(facts, project)
    for incident in told:
        for each in incident.told:
            look = seen.get(each.check, Look(each.at, done=False))
            earlier = [one for one in seen.values() if one.at <= each.at]
            yield from (f"{incident}: {each}, {why}" for why in _justified(each, look, earlier))
    if Configuration(facts, project).stable is not None:
        name = alert_name(project, "unreachable", "")
        yield from (f"{name}: {why}" for why in _due(list(seen.values()), told))


def _justified(told: Told, look: Look, earlier: Sequence[Look]) -> Iterator[str]:
    """What is wrong with one notice, by what its check saw and those before."""
    if told.kind == "resolved":
        if not told.notice["reason"] and not look.good_at_last:
            yield "and its check could not read everything (DESIGN 4.5)"
        return
    if look.good:
        yield "and its check saw no failed query (DESIGN 4.5)"
        return
    lasted = told.at - _began(earlier, look)
    if told.kind == "fired" and not look.at_once and lasted < FIRES:
        yield f"after {lasted} s of passing failures (DESIGN 4.5)"
    if told.severity == "critical" and lasted < WORSENS:
        yield f"after {lasted} s (DESIGN 4.5)"


def _began(earlier: Sequence[Look], by: Look) -> int:
    """Since when it fails at the earliest: two good checks that came to their end stop it.

    One that had loaded before a late check stored its failure knows nothing of that, and what runs
    after this look was stored, for an earlier moment, does not count for it.
    """
    good: list[Look] = []
    began = earlier[-1].at
    for look in reversed(earlier):
        if look.good and look.done:
            good += [look] if look.loaded < by.stored else []
        elif not look.good and sum(one.loaded > look.stored for one in good) < TRIES - 1:
            began = look.at
    return began


def _due(seen: Sequence[Look], told: Sequence[Incident]) -> Iterator[str]:
    """What should have been told, or ended, by checks that all saw the same."""
    bad: list[Look] = []
    good: list[Look] = []
    for look in seen:
        bad = [*bad, look] if look.failed & _failing(bad, look) else [look] if look.failed else []
        good = [*good, look] if look.good else []
        if look.done:
            yield from _endless([each for each in good if each.done], told)
            yield from _overdue([each for each in bad if each.done], told)


def _failing(bad: Sequence[Look], look: Look) -> frozenset[str]:
    """The queries that failed all the time."""
    return frozenset.intersection(*(each.failed for each in bad), look.failed)


def _endless(good: Sequence[Look], told: Sequence[Incident]) -> Iterator[str]:
    for each in told:
        after = [look.at for look in good if look.at > each.told[0].stored]
        if len(after) >= TRIES and each.open_at(after[-1]):
            yield f"still fires at {clock(after[-1])} after {len(after)} good checks (DESIGN 4.5)"


def _overdue(bad: Sequence[Look], told: Sequence[Incident]) -> Iterator[str]:
    """What one query that fails and fails makes due; enough checks must have seen it so."""
    if len(bad) < TRIES:
        return
    now, before = bad[-1].at, bad[-TRIES].at
    fires = [one for one in told if one.told[0].at <= now and not one.over_before(before)]
    at_once = all(look.at_once for look in bad[-TRIES:])
    if not fires and (at_once or _long(bad, FIRES)):
        yield f"does not fire at {clock(now)}; fails since {clock(bad[0].at)} (DESIGN 4.5)"
    for each in fires:
        said = [one.severity for one in each.told if one.at <= now]
        since = [look for look in bad if look.at >= each.told[0].at]
        if "critical" not in said and _long(since, WORSENS):
            yield f"{each}: only a warning at {clock(now)} (DESIGN 4.5)"


def _long(bad: Sequence[Look], seconds: int) -> bool:
    """Whether it lasts so long, as enough checks saw at its beginning and at its end."""
    return len(bad) >= TRIES and bad[-TRIES].at - bad[TRIES - 1].at >= seconds


def refusals(facts: Facts, project: str, told: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with what was told of a configuration that makes no sense."""
    written = Configuration(facts, project)
    for incident in told:
        for each in incident.told:
            known = list(written.written(each.stored))
            refused = any(isinstance(one, Refusal) for one in known)
            if each.kind != "resolved" and not refused:
                yield f"{incident}: {each}, and nothing was refused then (DESIGN 3)"
            if each.kind == "resolved" and all(isinstance(one, Refusal) for one in known):
                yield f"{incident}: {each}, and it was still refused (DESIGN 3)"
            if each.severity != "warning":
                yield f"{incident}: {each}; config is a warning (DESIGN 4.5)"
    fires = [each for each in told if not each.over]
    refused = isinstance(written.last, Refusal)
    if written.settled(facts.ended) and refused != bool(fires):
        name = alert_name(project, "config", "")
        state = "refused" if refused else "good"
        yield f"{name}: the configuration is {state}, fires: {[*map(str, fires)]} (DESIGN 3)"
