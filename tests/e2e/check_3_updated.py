"""An update of code and parameters while two incidents are open."""

from __future__ import annotations

import pytest

from tests.local.aws import LocalAws
from tests.local.listener import Listener
from tests.local.services import LocalServices
from tests.local.stack import Stack

pytestmark = pytest.mark.usefixtures("updated")


def test_the_new_parameters_are_in_force(aws: LocalAws, stack: Stack) -> None:
    function = aws.client("lambda").get_function_configuration(
        FunctionName=stack.outputs["FunctionName"]
    )
    assert function["Environment"]["Variables"]["HEADROOM_CONFIG_TTL"] == "1"
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    assert [each["retentionInDays"] for each in groups] == [14, 14]


def test_the_update_itself_tells_nothing(world: LocalServices, topic: Listener) -> None:
    assert (len(world.inbox.received), len(topic.collect())) == (4, 2)
    assert len(world.inbox.pages) == 2
