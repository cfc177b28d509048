"""A mistake in the configuration costs itself alone: everything else is judged and notified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.channels.builtin_text import fix
from headroom.config.configuration import BadChannel
from headroom.config.resolve import resolve
from headroom.config.validation import Problem
from headroom.domain.notices import Kind
from headroom.domain.outbox import PendingDelivery, PendingNotice
from headroom.domain.rules import Fault, Severity
from headroom.domain.supersede import supersede
from tests.builders import (
    T0,
    delivery_failure,
    failure,
    invalid_project,
    level,
    notice,
    project,
    rule,
)
from tests.support.world import World
from tests.unit.config.documents import PAGER, SLACK, a_document, a_project

MINUTE = 60
HOUR = 60 * MINUTE
OTHER = rule(name="other", levels=(level(fires=1000),))


def test_a_broken_channel_costs_its_own_notices_and_no_page(world: World) -> None:
    """Three lines at 119 of 120, a Slack address that cannot be used, and a pager that can."""
    both = {"warning": ["ops-slack"], "critical": ["ops-slack", "on-call"]}
    broken = {"ops-slack": {**SLACK, "webhook_url": "http://x.test/"}, "on-call": PAGER}
    lines = [f"line-{number}" for number in range(3)]
    document = a_document(dict.fromkeys(lines, a_project(channels=both)), channels=broken)
    world.source.configuration = resolve(document)
    world.chat.down = delivery_failure("it cannot be used", retryable=True)
    world.check(T0 - 4 * MINUTE)
    for line in lines:
        world.calls(T0, 119, line)
    report = world.check(T0 + MINUTE)
    assert sorted(each.project for each in world.pager.accepted) == lines
    assert report.invalid == {}
    assert [each.series for each in world.default.accepted] == ["channels.ops-slack"]
    world.chat.down = None
    world.source.configuration = resolve(replace(document, channels=a_document({}).channels))
    world.check(T0 + 3 * MINUTE)
    assert sorted(each.project for each in world.chat.accepted if each.kind == "fired") == lines


def test_where_no_channel_can_be_used_default_is_notified_at_once(world: World) -> None:
    world.source.configuration = resolve(
        a_document({"support-line": a_project(channels=["ops-slak"])})
    )
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 119)
    world.check(T0 + MINUTE)
    assert [each.rule for each in world.default.accepted] == ["config", "near-limit"]


def test_what_fires_of_a_rule_that_is_invalid_now_keeps_its_state_until_it_is_good(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    slip = {
        "fault": Fault("'4 of 3'", "rules.near-limit.for"),
        "unjudged": frozenset({"near-limit"}),
    }
    world.configure(project(version=2, rules=(OTHER,), **slip))
    world.check(T0 + 8 * MINUTE)
    assert [each.rule for each in world.chat.accepted] == ["near-limit", "config"]
    world.configure(project(version=3))
    world.check(T0 + 12 * MINUTE)
    ends = [(each.kind, each.rule, each.reason) for each in world.chat.accepted[2:]]
    assert ends == [("resolved", "near-limit", ""), ("resolved", "config", "")]


def test_what_fires_of_a_rule_that_is_really_removed_is_closed_beside_an_invalid_one(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    slip = {"fault": Fault("'4 of 3'", "rules.other.for"), "unjudged": frozenset({"other"})}
    world.configure(project(version=2, rules=(rule(name="third"),), **slip))
    world.check(T0 + 8 * MINUTE)
    closed = [each for each in world.chat.accepted if each.kind == "resolved"]
    assert [each.reason for each in closed] == ["rule removed"]


def test_while_earlier_versions_cannot_be_read_no_rule_is_taken_for_removed(world: World) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    slip = {"fault": Fault("'x'", "limit"), "incomplete": True}
    world.configure(project(version=2, rules=(rule(name="third"),), **slip))
    world.check(T0 + 8 * MINUTE)
    assert "resolved" not in world.chat.kinds


@pytest.mark.parametrize("judged", ["nothing", "a part"])
def test_an_invalid_configuration_is_critical_after_half_an_hour_and_reminds(
    world: World, judged: str
) -> None:
    bad = invalid_project(version=2)
    partly = project(version=2, fault=Fault("'4 of 3'", "rules.near-limit.for"), rules=(OTHER,))
    if judged == "nothing":
        world.configure(invalid={"support-line": bad})
        chat = world.default
    else:
        world.configure(partly)
        chat = world.chat
    for minute in (0, 29, 30, 31, 269, 270, 271):
        world.check(T0 + minute * MINUTE)
    told = [(each.kind, each.severity) for each in chat.accepted if each.rule == "config"]
    assert told == [("fired", "warning"), ("escalated", "critical"), ("reminder", "critical")]


def test_a_fault_that_projects_share_is_critical_after_half_an_hour_too(world: World) -> None:
    faults = {"channels.unused": Problem("channels.unused", "type 'slak' is not known")}
    world.source.configuration = replace(world.source.configuration, faults=faults)
    for minute in (0, 29, 30, 31):
        world.check(T0 + minute * MINUTE)
    assert [each.severity for each in world.default.accepted] == ["warning", "critical"]


def test_one_mistake_that_many_projects_share_is_one_notice_on_each_channel_that_needs_it(
    world: World,
) -> None:
    projects = {f"line-{number:02}": a_project(channels=["ops-slack"]) for number in range(33)}
    world.source.configuration = resolve(a_document(projects, keys=()))
    report = world.check(T0)
    assert len(world.chat.accepted) == len(world.default.accepted) == 1
    assert world.chat.accepted[0].reason.endswith(
        "; not judged meanwhile: line-00, line-01, line-02 and 30 more"
    )
    assert report.invalid == {}
    assert len(report.problems) == 1


@pytest.mark.parametrize("others", [{}, {"settle": "never"}])
def test_a_fault_in_a_shared_part_names_its_place_in_the_fix_and_once_in_the_reason(
    world: World, others: dict[str, object]
) -> None:
    written = a_document({"line": a_project()}, defaults={"limit": "120", **others})
    world.source.configuration = resolve(written)
    world.check(T0)
    (told,) = (each for each in world.default.accepted if each.series == "defaults")
    assert told.details.place == "limit"
    assert fix(told).startswith("Fix: correct defaults.limit,")
    assert told.full_reason.startswith("limit: expected a whole number")
    assert told.full_reason.count("limit: ") == 1


def test_what_fires_goes_on_while_its_project_is_not_judged_for_a_shared_mistake(
    world: World,
) -> None:
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.configure(invalid={"support-line": invalid_project(version=2, shared="keys.default")})
    world.check(T0 + 8 * MINUTE)
    assert world.chat.kinds == ["fired"]
    world.configure(project(version=3))
    world.calls(T0 + 5 * MINUTE, 118)
    world.calls(T0 + 10 * MINUTE, 20)
    world.check(T0 + 17 * MINUTE)
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_project_that_is_not_judged_for_a_shared_mistake_catches_up(world: World) -> None:
    """Others go on, and their watermark must not pass its windows."""
    sales = project(name="sales")
    world.configure(project(), sales)
    world.check(T0 - 4 * MINUTE)
    world.configure(
        sales, invalid={"support-line": invalid_project(version=2, shared="keys.default")}
    )
    world.calls(T0, 118)
    for minute in range(1, 30):
        world.check(T0 + minute * MINUTE)
    assert world.chat.kinds == []
    world.configure(project(version=3), sales)
    world.check(T0 + 30 * MINUTE)
    assert world.chat.kinds == ["missed"]


@pytest.mark.parametrize("count", [1, 2])
def test_a_failure_after_a_shared_mistake_is_as_old_as_itself(world: World, count: int) -> None:
    """An hour of wrong defaults, then a key that is refused: a warning, not a page at once."""
    lines = [project(name=f"line-{number}") for number in range(count)]
    world.configure(*lines)
    world.check(T0)
    left = {
        each.name: invalid_project(
            name=each.name, routing=each.routing, version=2, shared="defaults"
        )
        for each in lines
    }
    world.configure(invalid=left)
    for minute in range(1, 62):
        world.check(T0 + minute * MINUTE)
    world.configure(*(replace(each, version=3) for each in lines))
    world.readings.failing = {each.name: failure() for each in lines}
    world.check(T0 + 62 * MINUTE)
    world.check(T0 + 91 * MINUTE)
    assert (world.chat.kinds, world.pager.kinds) == (["fired"], [])
    world.check(T0 + 92 * MINUTE)
    assert (world.chat.kinds, world.pager.kinds) == (["fired", "escalated"], ["escalated"])


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({"remind": "60s"}, ["warning"]),
        ({"runbook": "wiki", "remind": "60s"}, ["warning"]),
        ({"critical": ">= 0.95"}, ["warning", "critical"]),
        ({"remind": "60s", "for": "9 of 3"}, ["warning", "critical"]),
    ],
)
def test_a_mistake_that_leaves_every_rule_as_it_was_written_pages_nobody(
    world: World, slip: dict[str, str], told: list[str]
) -> None:
    rules = {"near-limit": {"critical": ">= 114", **slip}, "dead-line": {"critical": "<= 0"}}
    found = resolve(a_document({"support-line": a_project(rules=rules)}))
    world.source.configuration = found
    for minute in (0, 1, 29, 31, 60):
        world.check(T0 + minute * MINUTE)
    config = [
        each
        for each in (*world.chat.accepted, *world.pager.accepted, *world.default.accepted)
        if each.rule == "config"
    ]
    assert list(dict.fromkeys(each.severity.value for each in config)) == told


def test_notices_pending_on_a_channel_of_unknown_sort_are_not_superseded() -> None:
    """It may be a pager with an open page: what it should get is known once it is fixed."""
    tried = {"on-call": PendingDelivery(first_of_incident=True, may_have_arrived=True)}
    end = notice(Kind.RESOLVED)
    outbox = {
        "a": PendingNotice(1, notice(id="a"), T0, tried),
        "b": PendingNotice(2, replace(end, id="b"), T0, {"on-call": PendingDelivery()}),
    }
    before = dict(outbox)
    supersede(outbox, T0 + HOUR, pagers=(), unknown={"on-call"})
    assert outbox == before
    supersede(outbox, T0 + HOUR, pagers={"on-call"})
    assert list(outbox) == ["b"]


def test_the_check_leaves_channels_of_unknown_sort_alone(world: World) -> None:
    world.pager.down = delivery_failure("it cannot be used", retryable=True)
    bad = {"on-call": BadChannel("no channel on-call", is_pager=None)}
    world.source.configuration = replace(world.source.configuration, bad_channels=bad)
    world.check(T0 - 4 * MINUTE)
    world.calls(T0, 118)
    world.check(T0 + MINUTE)
    world.calls(T0 + 5 * MINUTE, 20)
    world.check(T0 + 12 * MINUTE)
    assert world.pager.kinds == []
    world.pager.down = None
    world.source.configuration = replace(world.source.configuration, bad_channels={})
    world.check(T0 + HOUR)
    assert world.pager.kinds == []  # a pager gets nothing about what is over and was never tried
    assert world.chat.kinds == ["fired", "resolved"]


def test_a_page_for_a_configuration_with_only_a_harmless_mistake_left_is_eased(
    world: World,
) -> None:
    routing = dict.fromkeys(Severity, ("ops-slack", "on-call"))
    world.configure(project(routing=routing, fault=Fault("is missing", "rules.near-limit")))
    for minute in range(0, 40, 5):
        world.check(T0 + minute * 60)
    world.configure(
        project(routing=routing, fault=Fault("'3m' is under 5m", "remind", harmless=True))
    )
    for minute in range(40, 50, 5):
        world.check(T0 + minute * 60)
    world.configure(project(routing=routing))
    world.check(T0 + 50 * 60)
    assert world.pager.kinds == ["fired", "escalated", "eased", "resolved"]
    assert "3m" in world.pager.accepted[2].summary
    assert [each.severity.value for each in world.pager.accepted[:3]] == [
        "warning",
        "critical",
        "warning",
    ]


def test_the_end_of_a_page_that_was_eased_is_as_severe_as_the_page(world: World) -> None:
    """A receiver that filters by severity got the page."""
    routing = dict.fromkeys(Severity, ("ops-slack", "on-call"))
    broken = project(routing=routing, fault=Fault("is missing", "rules.near-limit"))
    slight = project(routing=routing, fault=Fault("'3m' is under 5m", "remind", harmless=True))
    for minute in range(0, 55, 5):
        good = project(routing=routing)
        world.configure(broken if minute < 40 else slight if minute < 50 else good)
        world.check(T0 + minute * MINUTE)
    assert world.pager.kinds[-1] == "resolved"
    assert world.pager.accepted[-1].severity is Severity.CRITICAL
