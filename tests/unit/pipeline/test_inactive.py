"""A check knows which projects have no active rule: for screens."""

from __future__ import annotations

from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.hours_text import hours
from tests.builders import T0, project, rule
from tests.support.world import World

MORNING = Hours("UTC", (hours("06:00-09:00"),))  # T0 is 10:05


def test_a_project_is_inactive_while_none_of_its_rules_is_active(world: World) -> None:
    early, other = rule(name="early", hours=MORNING), rule(name="other", hours=MORNING)
    always = rule(name="always", hours=ALWAYS)
    world.configure(project(rules=(early, other)))
    assert world.check(T0).inactive == {"support-line": (MORNING, MORNING)}
    world.configure(project(rules=(early, always), version=2))
    assert world.check(T0 + 60).inactive == {}
