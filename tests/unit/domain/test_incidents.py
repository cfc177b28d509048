"""What an incident keeps of its windows, and what its notices say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from headroom.domain.closing import identity
from headroom.domain.fingerprints import incident_id, notice_id
from headroom.domain.formatting import clock
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity
from headroom.domain.windows import HOUR, WINDOW
from tests.builders import T0, document
from tests.simulation.facts import RuleFacts as Spec
from tests.unit.domain.replay import LATE, SETTLE, Line, Replay, as_project, windows


def replay(spec: Spec, *calls: int) -> Replay:
    """One check once each window is closed; the next has no reading yet."""
    line = Line(dict(zip(windows(len(calls)), calls, strict=True)), shares=(0,) * 5)
    checks = [window + WINDOW + SETTLE for window in line.peaks]
    return Replay(as_project(spec), line).run(checks)


@pytest.mark.parametrize(
    ("upper", "calls", "furthest"),
    [(True, (6, 8, 7, 0), 8), (False, (2, 1, 2, 9), 1)],
    ids=["upper bound", "lower bound"],
)
def test_the_peak_of_an_incident_is_its_highest_reading_and_of_a_lower_bound_its_lowest(
    upper: bool,  # noqa: FBT001
    calls: Sequence[int],
    furthest: int,
) -> None:
    bound = 6 if upper else 2
    spec = Spec("near", "all", upper=upper, warning=bound, critical=None)
    assert [each.peak for each in replay(spec, *calls).notices] == [calls[0], furthest]


def test_ids_follow_from_the_incident_the_kind_the_severity_and_the_window() -> None:
    """Whoever knows these can compute them; only changes on one window are told apart by number."""
    spec = Spec("near", "all", upper=True, warning=6, critical=9)
    run = replay(spec, 6, 9, 6, 9, 0)
    first, *changes, end = run.notices
    assert [each.kind for each in changes] == [Kind.ESCALATED, Kind.EASED, Kind.ESCALATED]
    (rule,) = run.project.rules
    begun, *_, last = windows(5)
    incident = incident_id(first.alert, begun, identity(run.project, rule, rule.watches[0]))
    assert {each.incident_id for each in run.notices} == {incident}
    assert first.id == notice_id(incident, Kind.FIRED, Severity.WARNING, begun)
    assert end.id == notice_id(incident, Kind.RESOLVED, Severity.CRITICAL, last)


def test_a_reminder_reaches_a_channel_that_was_added_since_the_incident_began() -> None:
    spec = Spec("near", "all", upper=True, warning=6, critical=None)
    run = replay(spec, 6)
    (rule,) = run.project.rules
    routing = dict.fromkeys(Severity, ("ops-slack", "sms"))
    run.project = replace(run.project, rules=(replace(rule, remind=WINDOW),), routing=routing)
    run.line = Line(dict.fromkeys(windows(2), 6), shares=(0,) * 5)
    run.check(windows(3)[-1] + SETTLE)
    assert run.kinds() == [Kind.FIRED, Kind.REMINDER]
    (incident,) = run.state.incidents.values()
    assert incident.notified == ("ops-slack", "sms")


def test_what_was_worse_before_a_project_was_first_seen_is_not_in_the_end_of_its_incident() -> None:
    """It is history: people were told of a warning, and get the end of a warning."""
    spec = Spec("near", "all", upper=True, warning=6, critical=9, needed=1, among=2)
    line = Line({T0 - 2 * WINDOW: 9, T0 - WINDOW: 6, T0: 6, **dict.fromkeys(windows(4), 0)})
    run = Replay(as_project(spec), line, state=document(since=T0, new=True))
    run.run([T0 + WINDOW + SETTLE, T0 + 4 * WINDOW + SETTLE])
    told = [(each.kind, each.severity) for each in run.notices]
    assert told == [(Kind.FIRED, Severity.WARNING), (Kind.RESOLVED, Severity.WARNING)]


def test_the_end_names_the_incident_that_fired_though_the_installation_was_renamed() -> None:
    """Otherwise no pager would find what the end belongs to."""
    run = replay(Spec("near", "all", upper=True, warning=6, critical=None), 6)
    run.project = replace(run.project, installation="renamed")
    run.line = Line(dict(zip(windows(2), (6, 0), strict=True)), shares=(0,) * 5)
    run.check(windows(3)[-1] + SETTLE)
    fired, resolved = run.notices
    assert (resolved.alert, resolved.incident_id) == (fired.alert, fired.incident_id)
    assert resolved.installation == fired.installation


def test_an_incident_reminds_12_times() -> None:
    spec = Spec("near", "all", upper=True, warning=6, critical=None)
    run = Replay(as_project(spec), Line(dict.fromkeys(windows(20), 6)))
    (rule,) = run.project.rules
    run.project = replace(run.project, rules=(replace(rule, remind=WINDOW),))
    run.run(window + WINDOW + SETTLE for window in windows(20))
    assert run.kinds() == [Kind.FIRED, *[Kind.REMINDER] * 12]


def test_a_severity_that_a_later_window_confirmed_keeps_its_hysteresis_in_the_next_check() -> None:
    spec = Spec("near", "all", upper=True, warning=6, critical=9, margin=2)
    run = replay(spec, 6, 9, 8, 6)
    assert run.kinds() == [Kind.FIRED, Kind.ESCALATED, Kind.EASED]
    assert run.notices[-1].value == 6


def test_an_open_window_eases_nothing() -> None:
    spec = Spec("near", "all", upper=True, warning=6, critical=9)
    first, second = windows(2)
    run = Replay(as_project(spec), Line({first: 9, second: 6}))
    run.run([first + WINDOW + SETTLE, second + WINDOW - 1])
    assert run.kinds() == [Kind.FIRED]
    run.check(second + WINDOW + SETTLE)
    assert run.kinds() == [Kind.FIRED, Kind.EASED]


def test_an_open_window_that_rises_further_escalates_what_it_fired() -> None:
    spec = Spec("near", "all", upper=True, warning=6, critical=9)
    _, first = windows(2)
    run = Replay(as_project(spec), Line({first: 9}, shares=(0.7, 1.0, 1.0, 1.0, 1.0)))
    run.run([first, first + 60])
    assert [(each.kind, each.severity) for each in run.notices] == [
        (Kind.FIRED, Severity.WARNING),
        (Kind.ESCALATED, Severity.CRITICAL),
    ]


def test_without_readings_a_beginning_names_its_window_and_a_reminder_the_newest_final() -> None:
    """`missing: breach`: a window without a reading breaches, and has no calls to name."""
    spec = Spec("near", "all", upper=True, warning=6, critical=None, missing="breach")
    run = Replay(as_project(spec), Line({}))
    (rule,) = run.project.rules
    run.project = replace(run.project, rules=(replace(rule, remind=HOUR),))
    first = T0 + WINDOW
    checked = first + 3 * WINDOW + LATE
    run.run([checked, checked + HOUR])
    told = [(each.kind, each.value_at, each.value) for each in run.notices]
    assert told == [(Kind.FIRED, first, None), (Kind.REMINDER, first + 2 * WINDOW + HOUR, None)]


def test_a_missed_that_becomes_known_while_a_newer_incident_fires_says_that_it_fired_again() -> (
    None
):
    """Otherwise the last word on the alert would be of what is over."""
    spec = Spec("near", "all", upper=True, warning=6, critical=None, missing="breach")
    first, _, second, third = windows(4)
    peaks = {first + WINDOW: 0, second: 6, third: 6}  # none at `first`: late, or a breach
    published = dict.fromkeys((first + WINDOW, third), second + WINDOW + SETTLE)
    run = Replay(as_project(spec), Line(peaks, published=published))
    run.run([second + 60, second + WINDOW + SETTLE])
    told = [(each.kind, each.since, each.reason) for each in run.notices]
    again = f"it fired again at {clock(second)}"
    assert told == [(Kind.FIRED, second, ""), (Kind.MISSED, first, again)]


def test_outside_its_hours_nothing_reminds_of_an_incident_whose_end_is_not_known_yet() -> None:
    """The windows since then are late: nobody is woken at night by a rule of the day."""
    spec = Spec("near", "all", upper=True, warning=6, critical=None, during=("10:00-10:15",))
    begun, outside = windows(2)
    published = {outside: outside + 3 * WINDOW}
    run = Replay(as_project(spec), Line({begun: 6, outside: 0}, published=published))
    (rule,) = run.project.rules
    run.project = replace(run.project, rules=(replace(rule, remind=WINDOW),))
    run.run(range(begun, outside + 4 * WINDOW, 60))
    told = [(each.kind, each.at) for each in run.notices]
    assert told == [(Kind.FIRED, begun + 60), (Kind.RESOLVED, outside + 3 * WINDOW)]


def test_a_notice_names_no_calls_from_outside_the_hours() -> None:
    """Those of the window after the end of the hours are more, and count for nothing."""
    spec = Spec("near", "all", upper=True, warning=6, critical=None, during=("10:00-10:15",))
    begun, outside = windows(2)
    run = Replay(as_project(spec), Line({begun: 6, outside: 90}))
    run.check(outside + SETTLE)
    told = [(each.kind, each.value_at, each.value) for each in run.notices]
    assert told == [(Kind.FIRED, begun, 6)]
