"""The first check is the one that was stored first, whatever it could read (DESIGN 6)."""

from __future__ import annotations

from tests.simulation.oracle.cases import Case
from tests.simulation.oracle.complaints import complaints

BLIND = dict.fromkeys(range(18, 22), "passing")
"""There is no check for 17 minutes; then answers fail for four, and window 3 closes meanwhile."""
OVER, ENDING = (80, 80, 20), (20, 80, 80, 20)


def _case(values: tuple[int, ...]) -> Case:
    hour = values + (20,) * (12 - len(values))
    return Case(hour, skipped=range(18), failing=BLIND, calm=50)


def test_what_was_over_when_a_project_was_first_seen_is_history() -> None:
    assert complaints(_case(OVER).facts) == []
    case = _case(OVER).stored(22, "missed", since=0, duration_seconds=600)
    assert [each for each in complaints(case.facts) if "no level holds there" in each]


def test_what_held_then_is_notified_once_it_can_be_read() -> None:
    case = _case(ENDING).stored(22, "missed", since=10, duration_seconds=300)
    assert complaints(case.facts) == []
    (found,) = complaints(_case(ENDING).facts)
    assert found.endswith("there is no notice (DESIGN 4.1)")
