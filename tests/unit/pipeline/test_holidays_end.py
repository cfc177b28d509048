"""A month before the known holidays end, one `config` alert says how to get more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from headroom.channels.builtin_text import fix, what
from headroom.domain.rules import Fault, Severity
from headroom.domain.windows import instant
from tests.builders import project
from tests.support.world import World

UNTIL = date(2026, 12, 31)
BEFORE = instant("2026-11-30T23:55:00Z")
FROM = instant("2026-12-01T00:00:00Z")
DAY = 86400
BOTH = dict.fromkeys(Severity, ("ops-slack", "on-call"))


def test_a_month_before_the_holidays_end_a_warning_asks_for_a_push(world: World) -> None:
    world.configure(project(holidays_until=UNTIL, routing=BOTH))
    world.check(BEFORE)
    assert world.chat.accepted == []
    world.check(FROM)
    (told,) = world.chat.accepted
    assert (told.rule, told.kind, told.severity) == ("config", "fired", Severity.WARNING)
    assert told.summary == (
        "WARNING invalid config holidays: known until 2026-12-31 only: run headroom pu..."
    )
    assert what(told).startswith(
        "The dates of public calendars are known until 2026-12-31 only: run headroom push"
    )
    assert what(told).endswith("used by support-line.")
    assert fix(told) == "Fix: run headroom push where it is deployed."


def test_forty_projects_whose_holidays_end_are_one_notice_on_the_channels_of_all(
    world: World,
) -> None:
    chat, pager = (dict.fromkeys(Severity, (name,)) for name in ("ops-slack", "on-call"))
    named = [
        project(name=f"line-{n:02}", holidays_until=UNTIL, routing=pager if n == 39 else chat)
        for n in range(40)
    ]
    world.configure(*named, project(name="without"), project(name="later", holidays_until=None))
    world.check(FROM)
    world.check(FROM + 300)
    (told,) = world.chat.accepted
    assert world.pager.accepted == [told]
    assert "used by line-00, line-01, line-02 and 37 more" in what(told)


def test_it_stays_a_warning_and_every_rule_is_judged(world: World) -> None:
    world.configure(project(holidays_until=UNTIL, routing=BOTH))
    for hours in range(10):
        report = world.check(FROM + hours * 3600)
        assert report.invalid == {}
        assert report.unjudged == {}
        assert report.faults == 0
    assert set(world.pager.kinds) == {"fired", "reminder"}
    assert {each.severity for each in world.pager.accepted} == {Severity.WARNING}


def test_once_they_have_ended_it_says_so_and_a_push_ends_it(world: World) -> None:
    world.configure(project(holidays_until=UNTIL))
    world.check(FROM)
    world.check(FROM + 31 * DAY)
    assert "later days are no holidays" in what(world.chat.accepted[-1])
    world.configure(project(holidays_until=date(2029, 12, 31), version=2))
    world.check(FROM + 31 * DAY + 300)
    assert world.chat.kinds[-1] == "resolved"


def test_a_mistake_in_the_project_is_told_beside_the_end_of_the_holidays(world: World) -> None:
    """A push needs the mistake fixed first, and each has its own end."""
    world.configure(project(holidays_until=UNTIL, fault=Fault("is missing", "rules.near-limit")))
    world.check(FROM)
    assert sorted("is missing" in each.reason for each in world.chat.accepted) == [False, True]


def test_while_it_fires_the_configuration_in_the_cache_neither_ends_it_nor_is_read_again(
    world: World,
) -> None:
    """Else every check would list the whole of Parameter Store."""
    world.configure(project(holidays_until=UNTIL))
    world.check(FROM)
    world.source.cached = replace(world.source.configuration, fresh=False)
    world.check(FROM + 300)
    assert world.source.read_afresh == 0
    assert world.chat.kinds == ["fired"]
