"""The first look is that of the check that was stored first, whatever it could read (DESIGN 6)."""

from __future__ import annotations

from tests.simulation.oracle.complaints import complaints
from tests.simulation.oracle.handwritten import Script

BLIND = dict.fromkeys(range(18, 22), "passing")
"""Nobody looks for 17 minutes; then the answers fail for four, and window 3 closes meanwhile."""
OVER, ENDING = (80, 80, 20), (20, 80, 80, 20)


def _story(values: tuple[int, ...]) -> Script:
    hour = values + (20,) * (12 - len(values))
    return Script(hour, skipped=range(18), failing=BLIND, calm=50)


def test_what_was_over_when_a_project_was_first_seen_is_history() -> None:
    assert complaints(_story(OVER).facts) == []
    told = _story(OVER).told(22, "missed", since=0, duration_seconds=600)
    assert [each for each in complaints(told.facts) if "no level holds there" in each]


def test_what_held_then_is_told_once_it_can_be_read() -> None:
    told = _story(ENDING).told(22, "missed", since=10, duration_seconds=300)
    assert complaints(told.facts) == []
    (found,) = complaints(_story(ENDING).facts)
    assert found.endswith("nobody was told (DESIGN 4.1)")
