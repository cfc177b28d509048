"""The end is told where the beginning was, and nothing is told twice."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.e2e.conftest import NEWER
from tests.local.aws import LocalAws
from tests.local.listener import Listener
from tests.local.services import LocalServices
from tests.local.stack import Stack

pytestmark = pytest.mark.usefixtures("resolved")


def test_the_end_arrives_on_all_three(world: LocalServices, topic: Listener) -> None:
    slack, pager = sorted(world.inbox.received[4:], key=lambda each: each.channel, reverse=True)
    assert (pager.channel, pager.headline) == ("on-call", "resolve: sales-line near-limit")
    assert slack.channel == "ops-slack"
    assert slack.headline.startswith("RESOLVED after ")
    assert slack.headline.endswith(" min sales-line near-limit")
    assert topic.collect()[-1].notice["summary"] == slack.headline


def test_the_new_code_found_both_incidents_and_told_only_of_the_end(stack: Stack) -> None:
    newer = [check for check in stack.checks() if check.get("version") == NEWER]
    told = [(each["kind"], each["project"]) for check in newer for each in check["notices"]]
    assert told == [("resolved", "sales-line")]


def test_it_ends_the_incident_that_was_told_before_the_update(topic: Listener) -> None:
    began, ended = (each for each in topic.collect() if each.notice["project"] == "sales-line")
    assert ended.attributes["incident_id"] == began.attributes["incident_id"]
    assert (ended.attributes["kind"], ended.attributes["status"]) == ("resolved", "ok")


def test_a_filter_policy_lets_through_what_it_names(ends: Listener) -> None:
    assert [heard.attributes["kind"] for heard in ends.collect()] == ["resolved"]


def test_only_the_page_of_the_line_that_still_breaches_is_open(world: LocalServices) -> None:
    assert [page["payload"]["source"] for page in world.inbox.pages.values()] == ["support-line"]


def test_nothing_arrived_twice(world: LocalServices, topic: Listener) -> None:
    arrived = Counter((each.channel, each.identity) for each in world.inbox.received)
    arrived += Counter(("default", each.attributes["id"]) for each in topic.collect())
    assert set(arrived.values()) == {1}
    assert arrived.total() == 9


def test_nothing_came_to_nothing(aws: LocalAws, stack: Stack) -> None:
    waiting = aws.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs["DeadLetterQueueUrl"], AttributeNames=["All"]
    )["Attributes"]
    counts = {name: waiting[name] for name in waiting if name.startswith("ApproximateNumber")}
    assert set(counts.values()) == {"0"}, counts
    assert [check["problems"] for check in stack.checks() if check["problems"]] == []
