"""A group through whole checks: asked once, told once, partial where a line cannot be read."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from headroom.domain.readings import Failure
from headroom.domain.rules import Basis, Severity
from headroom.domain.windows import WINDOW, Moment
from headroom.pipeline.fetch import Fetch, requests
from headroom.ports import Deadline
from tests.builders import T0, document, failure, group, level, project, query, rule, watch
from tests.support.world import FakeReadings, World

MINUTE = 60
TOGETHER = rule(levels=(level(fires=228),), watches=(watch(query=query(client_env="")),))
EMEA = group(rules=(TOGETHER,), elsewhere=frozenset({"support-line?client_env=live"}))
"""What the configuration makes of a group whose first line has a project with equal queries."""
SUPPORT = project(project_id="support-line")
WRONG = Failure(404, "no such account or project: often the wrong region", lasting=True)


@pytest.fixture
def both(world: World) -> World:
    world.configure(SUPPORT, EMEA)
    world.check(T0 - 4 * MINUTE)
    world.readings.asked.clear()
    return world


def busy(world: World, support: int = 110, claims: int = 121) -> None:
    world.calls(T0, support, "support-line")
    world.calls(T0, claims, "claims-line")


def test_a_query_that_a_project_and_a_group_have_is_sent_once_in_a_check(both: World) -> None:
    both.check(T0 + MINUTE)
    assert sorted(both.readings.asked) == [
        "claims-line client_env=live",
        "support-line client_env=live",
    ]


def test_it_is_asked_over_the_widest_range_that_anybody_needs(world: World) -> None:
    """The project asks first, and the group looks back on more windows."""
    long = replace(TOGETHER, needed=2, among=36, missing=TOGETHER.missing)
    world.configure(SUPPORT, replace(EMEA, rules=(replace(long, levels=(level(fires=200),)),)))
    busy(world)
    world.calls(T0 - 40 * WINDOW, 5)
    for back in range(30, 33):
        world.calls(T0 - back * WINDOW, 110, "support-line")
        world.calls(T0 - back * WINDOW, 110, "claims-line")
    world.check(T0 + MINUTE)
    assert len(world.readings.asked) == 2
    assert any(each.project == "emea" for each in world.chat.accepted)


def test_the_notice_says_how_much_it_may_be_and_which_line_drives_it(both: World) -> None:
    busy(both)
    both.check(T0 + MINUTE)
    (told,) = [each for each in both.pager.accepted if each.project == "emea"]
    assert told.summary == "CRITICAL up to 231/240 calls (96%) emea near-limit (claims-line 121)"
    assert told.as_json()["members"] == [
        {"project": "support-line", "value": 110},
        {"project": "claims-line", "value": 121},
    ]
    assert (told.region, told.account_id, told.project_id) == ("", "", "")


def test_the_largest_line_alone_counts_with_basis_max(world: World) -> None:
    world.configure(replace(EMEA, basis=Basis.MAX, elsewhere=frozenset()))
    busy(world)
    assert not world.check(T0 + MINUTE).notices
    busy(world, claims=230)
    world.check(T0 + 2 * MINUTE)
    (told,) = world.pager.accepted
    assert told.summary.startswith("CRITICAL at least 230/240 calls")


def test_a_partial_group_fires_on_what_it_has_and_ends_when_all_are_read(both: World) -> None:
    both.readings.failing["claims-line"] = Failure(503, "PolyAI failed")
    busy(both, support=230)
    both.check(T0 + MINUTE)
    (told,) = [each for each in both.pager.accepted if each.project == "emea"]
    assert told.summary.endswith("emea near-limit (support-line 230, 1 unread)")
    assert "up to" not in told.summary
    assert told.unread == ("claims-line",)
    both.check(T0 + 3 * WINDOW)
    assert both.stored("emea").incidents
    both.readings.failing.clear()
    both.check(T0 + 3 * WINDOW + MINUTE)
    assert [each.kind for each in both.pager.accepted if each.project == "emea"] == [
        "fired",
        "resolved",
    ]
    assert not both.stored("emea").behind


def test_a_reminder_of_a_partial_group_names_the_calls_that_it_fires_for(both: World) -> None:
    """What can be read is calm; nobody may take that for the group's calls."""
    busy(both)
    both.check(T0 + MINUTE)
    both.check(T0 + WINDOW + MINUTE)
    both.readings.failing["claims-line"] = Failure(503, "PolyAI failed")
    both.check(T0 + WINDOW + 2 * MINUTE)
    for hours in (1, 2, 3, 4):
        both.check(T0 + hours * 3600 + 5 * MINUTE)
    (told,) = [
        each
        for each in both.chat.accepted
        if each.kind == "reminder" and each.rule == "near-limit" and each.project == "emea"
    ]
    assert told.value == 231
    assert told.unread == ("claims-line",)


@pytest.mark.parametrize("reason", [failure(), WRONG, Failure(503, "PolyAI failed")])
def test_a_line_that_cannot_be_read_is_told_once_by_its_project(
    both: World, reason: Failure
) -> None:
    both.readings.failing["support-line"] = reason
    for minutes in range(1, 15):
        both.check(T0 + minutes * MINUTE)
    told = [each for each in both.chat.accepted if each.rule == "unreachable"]
    assert [each.project for each in told] == ["support-line"]


def test_a_line_that_only_the_group_has_is_told_by_the_group_with_its_name(both: World) -> None:
    both.readings.failing["claims-line"] = WRONG
    both.check(T0 + MINUTE)
    (told,) = both.chat.accepted
    assert told.project == "emea"
    assert told.summary.startswith("WARNING cannot read emea: claims-line: 404 no such account")


def test_the_channels_of_a_group_hear_that_its_line_cannot_be_read(world: World) -> None:
    """As the configuration resolves it: the project tells the channels of both."""
    to_both = dict.fromkeys(Severity, ("ops-slack", "default"))
    world.configure(replace(SUPPORT, alerted=to_both), EMEA)
    world.readings.failing["support-line"] = WRONG
    world.check(T0 + MINUTE)
    assert [each.project for each in world.default.accepted] == ["support-line"]


def test_a_line_that_is_not_known_is_asked_nothing_and_told_by_nobody_here(world: World) -> None:
    support, claims = EMEA.lines
    unknown = replace(claims, problem="claims-line: its configuration is invalid")
    world.configure(replace(EMEA, lines=(support, unknown), elsewhere=frozenset()))
    busy(world, support=230)
    world.check(T0 + MINUTE)
    world.check(T0 + 40 * MINUTE)
    assert set(world.readings.asked) == {"support-line client_env=live"}
    assert [each.rule for each in world.chat.accepted] == ["near-limit"]
    assert world.stored("emea").incidents


def test_the_report_counts_a_group_like_a_project_once_all_its_lines_are_known(
    both: World,
) -> None:
    busy(both)
    report = both.check(T0 + MINUTE)
    assert report.projects == 2
    assert (report.calls["emea"].calls, report.calls["emea"].headroom) == (231, 9)
    both.readings.failing["claims-line"] = WRONG
    assert "emea" not in both.check(T0 + 2 * MINUTE).calls


def test_a_shared_query_is_sent_again_only_if_more_is_needed_than_was_asked() -> None:
    """As after a lost race, where the document that is read again may be further behind."""
    readings, moment = FakeReadings(), Moment.at(T0 + MINUTE, settle=60, late=900)
    fetch = Fetch(readings, moment, Deadline(lambda: 60), lambda: T0)
    before = document(project="emea", watermark=T0 - WINDOW)
    further = replace(before, behind={"claims-line?client_env=live": T0 - 100 * WINDOW})
    fetch.share(requests(EMEA, before, moment).values())

    async def ask() -> None:
        for state in (before, before, further, before):
            assert await fetch.answers(EMEA, state, None)

    asyncio.run(ask())
    assert len(readings.asked) == 4
