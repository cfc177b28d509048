"""What operators had written, and which configuration a check may have held at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.simulation.facts import Edit, Facts, InvalidParameter, InvalidProject, ProjectFacts

Written = ProjectFacts | InvalidProject | None
DEFAULT = ("default",)
SLOW = 120
"""Seconds that a check may take from loading the configuration to its last write, at most."""

KNOWN = 900
"""Seconds; longer than any instance keeps what it read, when nothing fails."""


class Configuration:
    """One project's configurations over the run."""

    def __init__(self, facts: Facts, project: str) -> None:
        mine = [each for each in facts.edits if each.project == project]
        self.edits: Sequence[Edit] = sorted(mine, key=lambda each: each.at)
        self._age = facts.config_age
        self._began = facts.began

    @property
    def last(self) -> Written:
        """What is written at the end."""
        return self.edits[-1].now

    @property
    def stable(self) -> ProjectFacts | None:
        """The only configuration that there ever was, where it was there from the start."""
        only = self.edits[0]
        known = len(self.edits) == 1 and only.at <= self._began
        return only.now if known and isinstance(only.now, ProjectFacts) else None

    def settled(self, at: int) -> bool:
        """Whether the last edit is so old at this instant that every check knows it."""
        return at - self.edits[-1].at > KNOWN

    def judged_from(self, calm: int) -> int:
        """From when on all that closes is judged by the last edit, if there are checks."""
        if self._age is None:
            return max(calm, self.edits[-1].at) + KNOWN
        return self.edits[-1].at + self._age + SLOW

    def written(self, stored: int, known: int = 0) -> Iterator[Written]:
        """All that a check may have gone by that wrote at this instant, the newest first.

        `known`: when the edit was made that an earlier write knew already (DESIGN 6).
        """
        oldest = stored - (self._age + SLOW) if self._age is not None else 0
        for place in range(len(self.edits) - 1, -1, -1):
            edit = self.edits[place]
            if edit.at > stored:
                continue
            yield edit.now
            if edit.at <= max(known, oldest):
                return
        yield None

    @property
    def in_force(self) -> ProjectFacts | None:
        """What is judged at the end: the last version that can be understood, if there is one."""
        return self._good(len(self.edits) - 1)

    def possible(self, stored: int, known: int = 0) -> list[ProjectFacts]:
        """The good ones among these; where one is refused, also the good one before it."""
        found = [each for each in self.written(stored, known) if isinstance(each, ProjectFacts)]
        for place, edit in enumerate(self.edits):
            good = self._good(place)
            refused = known <= edit.at <= stored and isinstance(edit.now, InvalidProject)
            if refused and good is not None:
                found.append(good)
        return found

    def known_by(self, stored: int, rule: str) -> int:
        """When the edit was made, at the earliest, by which a rule's incident was closed then."""
        written = list(self.written(stored))
        changes = (
            now.at
            for before, now in pairwise(self.edits)
            if now.at <= stored
            and now.now in written
            and not isinstance(now.now, InvalidProject)
            and question(before.now, rule) != question(now.now, rule)
        )
        return min(changes, default=0)

    def channels(self, stored: int, rule: str, severity: str) -> list[tuple[str, ...]]:
        """Where a notice of this rule and severity may have been meant to go."""
        found = []
        for each in self.possible(stored) or self.known:
            rules = [one for one in each.rules if one.name == rule and one.channels is not None]
            routing = (
                rules[0].channels if rules and rules[0].channels is not None else each.channels
            )
            found.append(routing.get(severity) or DEFAULT)
        return found or [DEFAULT]

    def unknown(self, stored: int) -> bool:
        """Whether a check may have held no good one."""
        return any(not isinstance(each, ProjectFacts) for each in self.written(stored))

    @property
    def known(self) -> list[ProjectFacts]:
        return [each.now for each in self.edits if isinstance(each.now, ProjectFacts)]

    def _good(self, place: int) -> ProjectFacts | None:
        """The good configuration in force from this edit on: a removal forgets those before."""
        while place >= 0 and isinstance(self.edits[place].now, InvalidProject):
            place -= 1
        now = self.edits[place].now if place >= 0 else None
        return now if isinstance(now, ProjectFacts) else None


def question(now: Written, rule: str) -> tuple[str, bool] | None:
    """What a rule is about, apart from its numbers; None where it is not configured."""
    rules = now.rules if isinstance(now, ProjectFacts) else ()
    return next(((each.query, each.upper) for each in rules if each.name == rule), None)


def series_of(facts: Facts, project: str, query: str) -> list[str]:
    """The series in the answers to one query."""
    return sorted(key for one, asked, key in facts.peaks if (one, asked) == (project, query))


def faulty(now: Written) -> bool:
    """Whether something of it is invalid."""
    if isinstance(now, ProjectFacts):
        return any(rule.broken for rule in now.rules)
    return isinstance(now, InvalidProject)


def may_be_in_force(facts: Facts, invalid: InvalidParameter, stored: int) -> bool:
    """Whether a check that wrote at this instant may have known of an invalid parameter."""
    late = None if facts.config_age is None else facts.config_age + SLOW
    over = late is not None and invalid.until is not None and stored >= invalid.until + late
    return invalid.at <= stored and not over


def must_be_in_force(facts: Facts, invalid: InvalidParameter, stored: int) -> bool:
    """Whether every check that wrote at this instant knew of it."""
    if facts.config_age is None:
        return False
    known = invalid.at + facts.config_age + SLOW
    return known <= stored and (invalid.until is None or stored < invalid.until)


def with_default(facts: Facts, route: tuple[str, ...], stored: int) -> Iterator[tuple[str, ...]]:
    """The route, and with `default` where none of its channels may be usable (DESIGN 3)."""
    invalid_parameters = {
        each.part.removeprefix("channels/"): each for each in facts.invalid_parameters
    }
    mine = [invalid_parameters[name] for name in route if name in invalid_parameters]
    whole = bool(mine) and len(mine) == len(route)
    if not (whole and all(e.deleted and must_be_in_force(facts, e, stored) for e in mine)):
        yield route
    kept = facts.history_read  # of what is only written badly an earlier version is in force
    if whole and all((e.deleted or not kept) and may_be_in_force(facts, e, stored) for e in mine):
        yield (*route, *DEFAULT)
