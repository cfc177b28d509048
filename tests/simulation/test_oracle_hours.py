"""When a rule is active around a change of the clocks, in the oracle's own words (DESIGN 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.simulation.oracle.cases import NEAR
from tests.simulation.oracle.hours import active

CASES = {
    "an hour that does not exist": ("02:00-03:00", "2027-03-14 06:30", 3, "..."),
    "hours over one": ("01:30-03:30", "2027-03-14 06:00", 4, ".##."),
    "an hour that happens twice": ("01:00-02:00", "2026-11-01 04:30", 6, ".####."),
    "a night with one": ("Sat 23:00-01:30", "2026-11-01 02:30", 7, ".#####."),
}
"""Hours in New York, the first instant in UTC, and the half hours that are active from there."""


@pytest.mark.parametrize("name", CASES)
def test_hours_go_by_the_local_clock(name: str) -> None:
    during, begins, count, expected = CASES[name]
    rule = replace(NEAR, during=(during,), zone="America/New_York")
    first = int(datetime.fromisoformat(begins).replace(tzinfo=UTC).timestamp())
    found = [active(rule, first + 1800 * place) for place in range(count)]
    assert "".join("#" if each else "." for each in found) == expected
