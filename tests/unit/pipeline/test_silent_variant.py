"""A variant that is gone does not fire for ever."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from headroom.domain.lines import Line
from headroom.domain.readings import Answer, Query
from headroom.domain.rules import Missing, Severity, Watch
from headroom.domain.windows import WINDOW, Instant
from headroom.ports import Deadline
from tests.builders import T0, level, project, rule
from tests.support.world import World

MINUTE = 60
DAY = 24 * 60 * MINUTE
SLICED = Query(slice_by="variant")
DEAD = rule(
    name="dead-variant",
    levels=(level(Severity.CRITICAL, 0, condition="<= 0"),),
    upper=False,
    watches=(Watch(SLICED, series=None),),
    remind=None,
)


@dataclass
class Variants:
    """One variant that has calls until a window, and another that always has."""

    until: Instant
    back: Instant | None = None
    """From which window on it has calls again."""
    asked: list[Instant] = field(default_factory=list)

    async def fetch(
        self,
        _line: Line,
        _query: Query,
        first: Instant,
        until: Instant,
        *,
        deadline: Deadline,
    ) -> Answer:
        """See `Readings`."""
        assert deadline.left() > 0
        windows = range(first - first % WINDOW, until + 1, WINDOW)
        back = self.back or 2 * T0
        spring = {at: 40 for at in windows if at <= self.until or at >= back}
        series = {"V1": spring} if spring else {}
        names = {"V2": "autumn"} | ({"V1": "spring"} if spring else {})
        return Answer(series | {"V2": dict.fromkeys(windows, 40)}, names)


def watch(world: World, variants: Variants, hours: int) -> list[str]:
    """Check every 20 minutes for so many hours from the last calls on."""
    world.readings = variants  # type: ignore[assignment]  # whatever answers
    for window in range(0, hours * 12, 4):
        world.check(T0 + window * WINDOW + 2 * MINUTE)
    return world.chat.lines


@pytest.mark.parametrize("missing", [Missing.ZERO, Missing.BREACH])
def test_a_variant_without_a_reading_for_a_day_ends_and_says_why(
    world: World, missing: Missing
) -> None:
    world.configure(project(rules=(replace(DEAD, missing=missing),)))
    fired, closed = watch(world, Variants(until=T0), hours=30)
    assert fired.endswith("support-line dead-variant spring")
    assert closed == "CLOSED (no reading for 24 h) after 1 d support-line dead-variant spring"
    assert [each.series_name for each in world.chat.accepted] == ["spring", "spring"]


def test_a_variant_that_comes_back_within_the_day_recovers(world: World) -> None:
    world.configure(project(rules=(DEAD,)))
    back = T0 + 20 * 12 * WINDOW
    _, resolved = watch(world, Variants(until=T0, back=back), hours=30)
    assert resolved.startswith("RESOLVED after 19 h 55 min")


def test_a_variant_that_comes_back_later_and_dies_again_fires_again(world: World) -> None:
    world.configure(project(rules=(DEAD,)))
    variants = Variants(until=T0)
    watch(world, variants, hours=26)
    variants.until = T0 + 27 * 12 * WINDOW
    for window in range(26 * 12, 29 * 12, 4):
        world.check(T0 + window * WINDOW + 2 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved", "fired"]
    assert len({each.incident_id for each in world.chat.accepted}) == 2
