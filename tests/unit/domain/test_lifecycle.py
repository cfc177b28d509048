"""The life of an incident: what `judge` and the built-in alerts do in each status, and the docs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docs.lifecycle import PAGE, with_section
from headroom.domain import builtin_alerts
from headroom.domain.builtin_alerts import BuiltInAlert, update
from headroom.domain.closing import close_all
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident, status_of
from headroom.domain.lifecycle import TABLE, Event, ImpossibleEvent, Status, step
from headroom.domain.notices import Kind
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import WHOLE, Answer
from headroom.domain.rules import Project, Severity
from headroom.domain.transition import judge
from headroom.domain.watermark import begin
from headroom.domain.windows import WINDOW, Moment
from headroom.state.codec import CAPACITY
from tests.builders import T0, document, project, query, rule, watch

CALLS = {Status.OK: 60, Status.WARNING: 100, Status.CRITICAL: 118}
"""Of the builders' rule: a warning from 96 calls, critical from 114."""

HOLDS = {Event.WARNING_HOLDS: Status.WARNING, Event.CRITICAL_HOLDS: Status.CRITICAL}

REMIND = 3600

RULE = rule(needed=1, among=1, remind=REMIND)
WATCHED = project(rules=(RULE,))
SPANISH = query(language="es-ES")
EDITS = [
    project(rules=()),
    None,
    project(rules=(replace(RULE, watches=(watch(query=SPANISH),)),)),
]
"""The rule is removed; the project is; the rule watches something else."""

SEVERITIES = st.sampled_from([Status.WARNING, Status.CRITICAL])


def life(before: Status, event: Event) -> tuple[Status, Kind | None]:
    """What DESIGN sections 1 and 4 say, in other words than the table."""
    match event:
        case Event.WARNING_HOLDS | Event.CRITICAL_HOLDS if before is Status.OK:
            return HOLDS[event], Kind.FIRED
        case Event.WARNING_HOLDS:
            return Status.WARNING, Kind.EASED if before is Status.CRITICAL else None
        case Event.CRITICAL_HOLDS:
            return Status.CRITICAL, Kind.ESCALATED if before is Status.WARNING else None
        case Event.RECOVERED | Event.REMOVED | Event.CAME_AND_WENT:
            return Status.OK, Kind.MISSED if event is Event.CAME_AND_WENT else Kind.RESOLVED
        case Event.REMINDER_DUE | Event.CHANNEL_ADDED:
            return before, Kind.REMINDER if event is Event.REMINDER_DUE else Kind.FIRED


class Alert(ABC):
    """One alert, event after event."""

    never: frozenset[Event]
    """Events that this kind of alert does not have."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data

    @property
    @abstractmethod
    def incidents(self) -> dict[str, Incident]:
        """What is open."""

    @abstractmethod
    def find(self, event: Event) -> tuple[Event, list[Kind]]:
        """Let the event happen, or a reminder that was due first; the kinds of the notices."""

    @property
    def status(self) -> Status:
        (only,) = self.incidents.values() or [None]
        return status_of(only)

    def possible(self) -> list[Event]:
        """The events that may come next."""
        return [
            each for (status, each) in TABLE if status is self.status and each not in self.never
        ]


class OfARule(Alert):
    """An alert that `judge` follows by its windows; each check closes one at least."""

    never = frozenset({Event.CHANNEL_ADDED})

    def __init__(self, data: st.DataObject) -> None:
        super().__init__(data)
        self.state: ProjectState = document(since=T0)
        self.peaks: dict[int, int] = {}
        self.at = self.quiet_since = T0

    @property
    def incidents(self) -> dict[str, Incident]:
        return self.state.incidents

    def find(self, event: Event) -> tuple[Event, list[Kind]]:
        before = self.status
        if event is Event.REMOVED:
            entry = self.data.draw(st.sampled_from(EDITS))
            kinds = self._check(entry, CALLS[Status.OK])
            # The edit is taken back later, so that nothing is judged again.
            assert self._check(entry, *[CALLS[Status.OK]] * 13) == []
            assert self._check(WATCHED, CALLS[Status.OK]) == []
            return event, kinds
        if event is Event.REMINDER_DUE:
            return event, self._check(WATCHED, *[CALLS[before]] * (REMIND // WINDOW))
        if event is Event.CAME_AND_WENT:
            return event, self._check(WATCHED, CALLS[self.data.draw(SEVERITIES)], CALLS[Status.OK])
        now = HOLDS.get(event, Status.OK)
        waited = self.at + 2 * WINDOW + 60 - self.quiet_since >= REMIND
        kinds = self._check(WATCHED, CALLS[now])
        return Event.REMINDER_DUE if now is before and waited else event, kinds

    def _check(self, entry: Project | None, *calls: int) -> list[Kind]:
        """Judge after some windows with these calls."""
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


class BuiltIn(Alert):
    """A built-in alert, which may ease and spread."""

    never = frozenset({Event.CAME_AND_WENT})

    def __init__(self, data: st.DataObject) -> None:
        super().__init__(data)
        self.open: dict[str, Incident] = {}
        self.now = T0
        self.channels = ["ops-slack"]

    @property
    def incidents(self) -> dict[str, Incident]:
        return self.open

    def find(self, event: Event) -> tuple[Event, list[Kind]]:
        self.now += builtin_alerts.REMIND if event is Event.REMINDER_DUE else 60
        if event is Event.REMOVED:
            return event, [each.notice.kind for each in close_all(self.open, self.now)]
        if event is Event.CHANNEL_ADDED:
            self.channels.append(f"channel-{self.now}")
        now = Status.OK if event is Event.RECOVERED else HOLDS.get(event, self.status)
        alert = BuiltInAlert(
            "support-line",
            UNREACHABLE,
            dict.fromkeys(Severity, tuple(self.channels)),
            now.severity,
            T0,
            "why",
            spreads=True,
            eases=True,
        )
        return event, [each.notice.kind for each in update(alert, self.open, self.now)]


def happens(alert: Alert, event: Event) -> None:
    """Let an event happen, and hold the outcome against DESIGN."""
    before = alert.status
    found, kinds = alert.find(event)
    after, kind = life(before, found)
    assert (alert.status, kinds) == (after, [kind] if kind else [])


KINDS = [OfARule, BuiltIn]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_an_alert_lives_by_the_table_whatever_happens(
    kind: type[Alert], data: st.DataObject
) -> None:
    alert = kind(data)
    for _ in range(data.draw(st.integers(1, 10))):
        happens(alert, data.draw(st.sampled_from(alert.possible())))


ROWS = [(kind, *row) for kind in KINDS for row in TABLE if row[1] not in kind.never]


@pytest.mark.parametrize(("kind", "status", "event"), ROWS)
@given(data=st.data())
def test_each_row_of_the_table_happens(
    kind: type[Alert], status: Status, event: Event, data: st.DataObject
) -> None:
    alert = kind(data)
    if status is not Status.OK:
        happens(alert, Event.holds(Severity(status)))
    happens(alert, event)


def test_an_event_that_cannot_happen_is_a_bug_with_a_name() -> None:
    with pytest.raises(ImpossibleEvent, match="an alert that is ok cannot have the event 'no "):
        step(Status.OK, Event.RECOVERED)


def test_an_alert_is_ok_after_the_notices_that_say_so_and_never_begins_or_ends_without() -> None:
    for (before, _), after in TABLE.items():
        assert after.kind is None or after.kind.ends is (after.status is Status.OK)
        assert after.kind or after.status is before


def test_the_docs_show_the_table() -> None:
    page = PAGE.read_text()
    assert with_section(page) == page, "run .venv/bin/python docs/lifecycle.py"
