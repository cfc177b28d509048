"""The built-in alerts `unreachable` and `config` (DESIGN 3 and 4.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.simulation.facts import Facts
from tests.simulation.oracle.configuration import (
    KNOWN,
    Configuration,
    faulty,
    may_be_in_force,
    must_be_in_force,
)
from tests.simulation.oracle.incidents import HEADROOM, Incident, StoredNotice, alert_name, clock
from tests.simulation.oracle.lateness import Knowledge

FIRES, WORSENS = 600, 1800
"""Seconds of passing failures until it fires, and of any until it is critical."""
OWN_KINDS = frozenset({"400", "404", "501"})
KEY_KINDS = frozenset({"401", "403"})
OWN = "headroom/own"
"""The document of what projects have in common."""
TRIES = 3
"""Checks in a row that came to their end: one of them was stored, whatever raced with them."""


@dataclass(slots=True)
class ProjectRead:
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
    kinds: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The same, as PolyAI said it: `401`, `timeout`."""

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

    def by(self, cause: str) -> bool:
        """Whether any query failed by the API key, or by the region, whichever the cause is."""
        kinds = {one for how in self.kinds.values() for one in how if one} - OWN_KINDS
        return bool(kinds & KEY_KINDS if cause.startswith("key ") else kinds - KEY_KINDS)

    @property
    def at_once(self) -> bool:
        """Whether any failure was one that fires at once: it lasts, or was waited for."""
        return any({"lasting", "late"} & {*how} for how in self.outcomes.values())


def reads(facts: Facts, project: str) -> dict[int, ProjectRead]:
    """By check, in the order of the events' times."""
    knowledge = Knowledge(facts)
    done = {each.check: each.how == "done" for each in facts.checks}
    commits = {each.check: each.order for each in facts.commits if each.project == project}
    found: dict[int, ProjectRead] = {}
    for each in facts.fetches:
        if each.project == project and each.check not in found:
            unstored = {(each.check, project), (each.check, OWN)} & facts.unstored
            stored = done.get(each.check, False) and not unstored
            places = facts.loads.get(each.check, 0), commits.get(each.check, 0)
            read = found[each.check] = ProjectRead(each.at, stored, *places)
            for query, outcome, kind in knowledge.outcomes(each.check, project):
                read.outcomes[query].append(outcome)
                read.kinds[query].append(kind)
    return dict(sorted(found.items(), key=lambda pair: pair[1].at))


def unreachable(
    facts: Facts, project: str, incidents: Sequence[Incident], shared: Sequence[Incident]
) -> Iterator[str]:
    """What is wrong with the `unreachable` alerts of one project.

    `shared`: the alerts of causes that it may have in common with others.
    """
    seen = reads(facts, project)
    for incident in incidents:
        for each in incident.notices:
            read = seen.get(each.check, ProjectRead(each.at, done=False))
            earlier = [one for one in seen.values() if one.at <= each.at]
            why = _justified(each, read, earlier)
            yield from (f"{incident}: {each}, {one}" for one in why)
    if Configuration(facts, project).stable is not None:
        name = alert_name(project, "unreachable", "")
        yield from (f"{name}: {why}" for why in _due(list(seen.values()), incidents, shared))


def _justified(
    stored: StoredNotice, read: ProjectRead, earlier: Sequence[ProjectRead]
) -> Iterator[str]:
    """What is wrong with one notice, by what its check saw and those before."""
    if stored.kind == "resolved":
        if not stored.notice["reason"] and not read.good_at_last:
            yield "and its check could not read everything (DESIGN 4.5)"
        return
    if read.good:
        yield "and its check saw no failed query (DESIGN 4.5)"
        return
    lasted = stored.at - began(earlier, read)
    if stored.kind == "fired" and not read.at_once and lasted < FIRES:
        yield f"after {lasted} s of passing failures (DESIGN 4.5)"
    if stored.severity == "critical" and lasted < WORSENS:
        yield f"after {lasted} s (DESIGN 4.5)"


def began(earlier: Sequence[ProjectRead], by: ProjectRead) -> int:
    """Since when it fails at the earliest: two good checks that came to their end stop it.

    One that had loaded before a late check stored its failure knows nothing of that, and what runs
    after this read was stored, for an earlier moment, does not count for it.
    """
    good: list[ProjectRead] = []
    since = earlier[-1].at
    for read in reversed(earlier):
        if read.good and read.done:
            good += [read] if read.loaded < by.stored else []
        elif not read.good and sum(one.loaded > read.stored for one in good) < TRIES - 1:
            since = read.at
    return since


def _due(
    seen: Sequence[ProjectRead], incidents: Sequence[Incident], shared: Sequence[Incident]
) -> Iterator[str]:
    """What should have fired, or ended, by checks that all saw the same."""
    bad: list[ProjectRead] = []
    good: list[ProjectRead] = []
    for read in seen:
        bad = [*bad, read] if read.failed & _failing(bad, read) else [read] if read.failed else []
        good = [*good, read] if read.good else []
        if read.done:
            yield from _endless([each for each in good if each.done], incidents)
            yield from _overdue([each for each in bad if each.done], [*incidents, *shared])


def _failing(bad: Sequence[ProjectRead], read: ProjectRead) -> frozenset[str]:
    """The queries that failed all the time."""
    return frozenset.intersection(*(each.failed for each in bad), read.failed)


def _endless(good: Sequence[ProjectRead], incidents: Sequence[Incident]) -> Iterator[str]:
    for each in incidents:
        after = [read.at for read in good if read.at > each.notices[0].stored_at]
        if len(after) >= TRIES and each.open_at(after[-1]):
            yield f"still fires at {clock(after[-1])} after {len(after)} good checks (DESIGN 4.5)"


def _overdue(bad: Sequence[ProjectRead], incidents: Sequence[Incident]) -> Iterator[str]:
    """What one query that fails and fails makes due; enough checks must have seen it so."""
    if len(bad) < TRIES:
        return
    now, before = bad[-1].at, bad[-TRIES].at
    fires = [one for one in incidents if one.notices[0].at <= now and not one.over_before(before)]
    at_once = all(read.at_once for read in bad[-TRIES:])
    if not fires and (at_once or _long(bad, FIRES)):
        yield f"does not fire at {clock(now)}; fails since {clock(bad[0].at)} (DESIGN 4.5)"
    # One with an alert of its own is covered by no shared one.
    for each in [one for one in fires if not one.series] or fires:
        said = [one.severity for one in each.notices if one.at <= now]
        since = [read for read in bad if read.at >= each.notices[0].at]
        if each.series and not (each.open_at(now) and all(read.by(each.series) for read in since)):
            continue  # it fails by another cause by now
        if "critical" not in said and _long(since, WORSENS):
            yield f"{each}: only a warning at {clock(now)} (DESIGN 4.5)"


def _long(bad: Sequence[ProjectRead], seconds: int) -> bool:
    """Whether it lasts so long, as enough checks saw at its beginning and at its end."""
    return len(bad) >= TRIES and bad[-TRIES].at - bad[TRIES - 1].at >= seconds


def invalid_projects(facts: Facts, project: str, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with the `config` alerts of one project."""
    written = Configuration(facts, project)
    for incident in incidents:
        for each in incident.notices:
            known = list(written.written(each.stored_at))
            if each.kind != "resolved" and not any(map(faulty, known)):
                yield f"{incident}: {each}, and nothing was invalid then (DESIGN 3)"
            if each.kind == "resolved" and all(map(faulty, known)):
                yield f"{incident}: {each}, and it was still invalid (DESIGN 3)"
        yield from _worsened(facts, incident)
    fires = [each for each in incidents if not each.over]
    if written.settled(facts.ended) and faulty(written.last) != bool(fires):
        name = alert_name(project, "config", "")
        state = "invalid" if faulty(written.last) else "good"
        yield f"{name}: the configuration is {state}, fires: {[*map(str, fires)]} (DESIGN 3)"


def invalid_parameters(facts: Facts, incidents: Sequence[Incident]) -> Iterator[str]:
    """What is wrong with the `config` alerts of channels and defaults."""
    own = [each for each in incidents if (each.project, each.rule) == (HEADROOM, "config")]
    for incident in own:
        mine = [each for each in facts.invalid_parameters if each.place == incident.series]
        for each in incident.notices:
            if each.kind != "resolved" and not any(
                may_be_in_force(facts, invalid, each.stored_at) for invalid in mine
            ):
                yield f"{incident}: {each}, and nothing was wrong with it then (DESIGN 3)"
            if each.kind == "resolved" and any(
                not invalid.deleted and must_be_in_force(facts, invalid, each.stored_at)
                for invalid in mine
            ):
                yield f"{incident}: {each}, and it was still invalid (DESIGN 3)"
        yield from _worsened(facts, incident)
    lasting = {invalid.place for invalid in facts.invalid_parameters if invalid.until is None}
    fires = {each.series for each in own if not each.over}
    for place in lasting ^ fires:
        yield f"{place}: fires {place in fires}, and it is invalid {place in lasting} (DESIGN 3)"


def _worsened(facts: Facts, incident: Incident) -> Iterator[str]:
    """Whether it is critical after half an hour, and not before (DESIGN 4.5)."""
    for each in incident.notices:
        if each.severity == "critical" and each.at - incident.since < WORSENS:
            yield f"{incident}: {each}, after {each.at - incident.since} s (DESIGN 4.5)"
    lasted = facts.ended - KNOWN - max(incident.since, facts.calm - WORSENS)
    if not incident.over and lasted > WORSENS and incident.last.severity != "critical":
        yield f"{incident}: only a warning at the end (DESIGN 4.5)"
