"""The life of an incident: the real `judge` does what the table says, and the docs show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from docs.lifecycle import PAGE, with_section
from headroom.domain.lifecycle import TABLE, Event, Status
from headroom.domain.notices import Kind
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import WHOLE, Answer
from headroom.domain.rules import Project, Rule
from headroom.domain.transition import judge
from headroom.domain.watermark import begin
from headroom.domain.windows import WINDOW, Moment
from headroom.state.codec import CAPACITY
from tests.builders import T0, document, project, query, rule, watch

CALLS = {Status.OK: 60, Status.WARNING: 100, Status.CRITICAL: 118}
"""Of the builders' rule: a warning from 96 calls, critical from 114."""

HELD = {Status.WARNING: Event.WARNING_HOLDS, Status.CRITICAL: Event.CRITICAL_HOLDS}

REMIND = 3600


def watched(*rules: Rule) -> Project:
    return project(rules=rules)


RULE = rule(needed=1, among=1, remind=REMIND)
WATCHED = watched(RULE)
SPANISH = query(language="es-ES")
EDITS = {
    "the rule is removed": watched(),
    "the project is removed": None,
    "the rule watches something else": watched(replace(RULE, watches=(watch(query=SPANISH),))),
}


@dataclass
class Walk:
    """One alert, check after check; each check closes one window at least."""

    state: ProjectState = field(default_factory=lambda: document(since=T0))
    peaks: dict[int, int] = field(default_factory=dict)
    at: int = T0
    quiet_since: int = T0

    def status(self) -> Status:
        """What the alert is between two checks."""
        for each in self.state.incidents.values():
            return Status(each.episode.severity)
        return Status.OK

    def check(self, entry: Project | None, *calls: int) -> list[Kind]:
        """Judge after some windows with these calls; the kinds of all notices."""
        for peak in calls:
            self.at += WINDOW
            self.peaks[self.at] = peak
        moment = Moment(self.at + WINDOW + 60, self.at)
        calm = dict.fromkeys(self.peaks, CALLS[Status.OK])
        answers = {query().key: Answer({WHOLE: self.peaks}), SPANISH.key: Answer({WHOLE: calm})}
        before = begin("support-line", self.state, None, moment)
        self.state, notices = judge(before, entry, answers, moment, CAPACITY)
        if notices:
            self.quiet_since = moment.now
        return [each.notice.kind for each in notices]


def step(walk: Walk, random: Random) -> tuple[Event | None, list[Kind]]:
    """One random check: the event that it has to find, and the notices that it gave."""
    before = walk.status()
    if before is not Status.OK and random.random() < 0.2:
        entry = random.choice(list(EDITS.values()))
        kinds = walk.check(entry, CALLS[Status.OK])
        # The edit is taken back later, so that nothing is judged again.
        assert walk.check(entry, *[CALLS[Status.OK]] * 13) == []
        assert walk.check(WATCHED, CALLS[Status.OK]) == []
        return Event.REMOVED, kinds
    if before is Status.OK and random.random() < 0.2:
        worse = random.choice([Status.WARNING, Status.CRITICAL])
        return Event.CAME_AND_WENT, walk.check(WATCHED, CALLS[worse], CALLS[Status.OK])
    if before is not Status.OK and random.random() < 0.2:
        return Event.REMINDER_DUE, walk.check(WATCHED, *[CALLS[before]] * (REMIND // WINDOW))
    now = random.choice([before, *Status])
    waited = walk.at + 2 * WINDOW + 60 - walk.quiet_since >= REMIND
    kinds = walk.check(WATCHED, CALLS[now])
    if now is Status.OK:
        return (None if before is Status.OK else Event.RECOVERED), kinds
    return Event.REMINDER_DUE if now is before and waited else HELD[now], kinds


def walked(seed: int) -> Iterator[tuple[Status, Event]]:
    """A walk of many checks, each held against the table."""
    random, walk = Random(seed), Walk()  # noqa: S311 -- a walk, no secret
    for _ in range(200):
        before = walk.status()
        event, kinds = step(walk, random)
        if event is None:
            assert (walk.status(), kinds) == (before, [])
            continue
        after, kind = TABLE[before, event]
        assert (walk.status(), kinds) == (after, [kind] if kind else [])
        yield before, event


def test_each_check_does_what_the_table_says_and_each_of_its_rows_happens() -> None:
    assert {pair for seed in range(5) for pair in walked(seed)} == set(TABLE)


def test_the_docs_show_the_table() -> None:
    page = PAGE.read_text()
    assert with_section(page) == page, "run .venv/bin/python docs/lifecycle.py"
