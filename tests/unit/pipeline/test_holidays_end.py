"""A month before the known holidays end, a `config` alert says how to get more."""

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


def test_a_month_before_the_holidays_end_a_warning_asks_for_a_push(world: World) -> None:
    routing = dict.fromkeys(Severity, ("ops-slack", "on-call"))
    world.configure(project(holidays_until=UNTIL, routing=routing))
    world.check(BEFORE)
    assert world.chat.accepted == []
    world.check(FROM)
    (told,) = world.chat.accepted
    assert (told.rule, told.kind, told.severity) == ("config", "fired", Severity.WARNING)
    assert told.summary.startswith("WARNING invalid config support-line: holidays: the dates of it")
    assert "known until 2026-12-31 only: run headroom push" in what(told)
    assert fix(told).startswith("Fix: correct projects.support-line.holidays, and run headroom pu")


def test_it_stays_a_warning_and_every_rule_is_judged(world: World) -> None:
    world.configure(project(holidays_until=UNTIL))
    world.check(FROM)
    for hours in range(1, 3):
        report = world.check(FROM + hours * 3600)
        assert report.invalid == {}
        assert report.unjudged == {}
    assert {each.severity for each in world.chat.accepted} == {Severity.WARNING}
    assert world.pager.accepted == []


def test_once_they_have_ended_it_says_so_and_a_push_ends_it(world: World) -> None:
    world.configure(project(holidays_until=UNTIL))
    world.check(FROM)
    world.check(FROM + 31 * DAY)
    assert "days after it are no holidays" in what(world.chat.accepted[-1])
    world.configure(project(holidays_until=date(2029, 12, 31), version=2))
    world.check(FROM + 31 * DAY + 300)
    assert world.chat.kinds[-1] == "resolved"


def test_a_mistake_is_told_before_the_end_of_the_holidays(world: World) -> None:
    world.configure(project(holidays_until=UNTIL, fault=Fault("is missing", "rules.near-limit")))
    world.check(FROM)
    assert ["is missing" in each.reason for each in world.chat.accepted] == [True]


def test_while_it_fires_the_configuration_in_the_cache_is_not_taken_for_an_old_one(
    world: World,
) -> None:
    """Else every check would list the whole of Parameter Store."""
    world.configure(project(holidays_until=UNTIL))
    world.check(FROM)
    world.source.cached = replace(world.source.configuration, fresh=False)
    world.check(FROM + 300)
    assert world.source.read_afresh == 0
