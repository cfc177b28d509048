"""What an incident keeps of its windows, and what its notices say of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from headroom.domain.notices import Kind, notice_id
from headroom.domain.rules import Severity
from headroom.domain.windows import WINDOW
from tests.builders import T0, document
from tests.simulation.facts import RuleFacts as Spec
from tests.unit.domain.replay import SETTLE, Line, Replay, as_project, windows


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


def test_the_id_of_an_end_does_not_depend_on_how_often_the_severity_changed() -> None:
    """Whoever knows the incident, its worst severity and the window of its end can compute it."""
    spec = Spec("near", "all", upper=True, warning=6, critical=9)
    told = replay(spec, 6, 9, 6, 9, 0).notices
    end = told[-1]
    assert [each.kind for each in told[1:-1]] == [Kind.ESCALATED, Kind.EASED, Kind.ESCALATED]
    last = windows(5)[-1]
    assert end.id == notice_id(end.incident_id, Kind.RESOLVED, Severity.CRITICAL, last)


def test_what_was_worse_before_a_project_was_first_seen_is_not_in_the_end_of_its_incident() -> None:
    """It is history: people were told of a warning, and get the end of a warning."""
    spec = Spec("near", "all", upper=True, warning=6, critical=9, needed=1, among=2)
    line = Line({T0 - 2 * WINDOW: 9, T0 - WINDOW: 6, T0: 6, **dict.fromkeys(windows(4), 0)})
    run = Replay(as_project(spec), line, state=document(since=T0, new=True))
    run.run([T0 + WINDOW + SETTLE, T0 + 4 * WINDOW + SETTLE])
    told = [(each.kind, each.severity) for each in run.notices]
    assert told == [(Kind.FIRED, Severity.WARNING), (Kind.RESOLVED, Severity.WARNING)]
