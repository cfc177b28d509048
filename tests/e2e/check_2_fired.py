"""The schedule fires by itself, and three kinds of channels hear of it."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import MINUTE, Breach
from tests.local.listener import Listener
from tests.local.services import LocalServices
from tests.local.stack import Stack

pytestmark = pytest.mark.usefixtures("fired")

FIRED = {
    "CRITICAL 118/120 calls (98%) support-line near-limit",
    "CRITICAL 57/60 calls (95%) sales-line near-limit",
}


def test_the_schedule_starts_a_check_on_every_whole_minute(stack: Stack) -> None:
    times = [check["at"] for check in stack.checks()]
    assert times == sorted(set(times))
    assert all(time.endswith(":00Z") for time in times)


def test_slack_and_the_pager_are_told_once_of_each(world: LocalServices) -> None:
    told = sorted((each.channel, each.headline) for each in world.inbox.received)
    assert told == sorted((channel, line) for channel in ("ops-slack", "on-call") for line in FIRED)


def test_the_topic_tells_each_once(topic: Listener) -> None:
    assert sorted(heard.notice["summary"] for heard in topic.collect()) == sorted(FIRED)


def test_an_upper_bound_fires_on_the_open_window(topic: Listener) -> None:
    last = {each.notice["project"]: each.notice["readings"][-1] for each in topic.collect()}
    assert last["support-line"]["open"]
    assert last["support-line"]["value"] == 118


def test_a_message_has_the_attributes_that_filters_go_by(topic: Listener) -> None:
    for heard in topic.collect():
        names = ("id", "kind", "severity", "status", "project", "rule", "incident_id")
        assert heard.attributes == {name: heard.notice[name] for name in names}
        assert heard.attributes["kind"] == "fired"


def test_a_filter_policy_keeps_out_what_it_does_not_name(ends: Listener) -> None:
    assert ends.collect() == []


def test_nobody_waited_longer_than_for_the_next_check(fired: Breach, world: LocalServices) -> None:
    starts = fired.pushed - fired.pushed % MINUTE + MINUTE
    assert max(each.at for each in world.inbox.received) < starts + MINUTE
