"""What stands there after `sam deploy` of the real template."""

from __future__ import annotations

import json
from typing import Any

import pytest

from headroom.bootstrap import system_clock
from headroom.domain.windows import iso
from headroom.settings import Settings
from tests.local.aws import LocalAws
from tests.local.listener import arn_of
from tests.local.stack import ARCHITECTURE, Stack
from tests.local.waiting import until


@pytest.fixture(scope="module")
def function(aws: LocalAws, stack: Stack) -> dict[str, Any]:
    """The function's configuration."""
    found: dict[str, Any] = aws.client("lambda").get_function_configuration(
        FunctionName=stack.outputs["FunctionName"]
    )
    return found


def test_every_resource_is_complete(aws: LocalAws, stack: Stack) -> None:
    resources = aws.client("cloudformation").describe_stack_resources(StackName=stack.name)
    statuses = {
        each["LogicalResourceId"]: each["ResourceStatus"] for each in resources["StackResources"]
    }
    assert set(statuses.values()) == {"CREATE_COMPLETE"}, statuses


def test_the_function_is_as_the_template_says(function: dict[str, Any]) -> None:
    assert function["Runtime"] == "python3.13"
    assert function["Handler"] == "app.handler"
    assert (function["Timeout"], function["MemorySize"]) == (50, 512)
    assert function["Architectures"] == [ARCHITECTURE]
    assert [layer["Arn"].split(":")[-2] for layer in function["Layers"]] == [
        "DependenciesLayer",
        "HeadroomLayer",
    ]


def test_the_settings_take_the_environment_as_it_is(function: dict[str, Any], stack: Stack) -> None:
    settings = Settings.from_environment(function["Environment"]["Variables"])
    assert settings.table == stack.outputs["Table"]
    assert settings.topic_arn == stack.outputs["TopicArn"]
    assert settings.dead_letter_url == stack.outputs["DeadLetterQueueUrl"]
    assert settings.ssm_prefix == stack.prefix
    assert settings.clock == "system"


def test_the_log_groups_forget_in_time(aws: LocalAws, stack: Stack) -> None:
    groups = aws.client("logs").describe_log_groups()["logGroups"]
    functions = (stack.outputs["FunctionName"], stack.outputs["BaselineFunctionName"])
    assert {each["logGroupName"] for each in groups} == {
        stack.outputs["LogGroup"],
        *(f"/aws/lambda/{name}" for name in functions),
    }
    assert {each["retentionInDays"] for each in groups} == {7}


def test_the_table_is_as_the_state_expects_it(aws: LocalAws, stack: Stack) -> None:
    table = aws.client("dynamodb").describe_table(TableName=stack.outputs["Table"])["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_schedule_calls_the_function_every_minute(
    aws: LocalAws, stack: Stack, function: dict[str, Any]
) -> None:
    schedule = aws.client("scheduler").get_schedule(Name=stack.outputs["FunctionName"])
    assert schedule["State"] == "ENABLED"
    assert schedule["ScheduleExpression"] == "cron(* * * * ? *)"
    assert schedule["Target"]["Arn"] == function["FunctionArn"]
    assert json.loads(schedule["Target"]["Input"]) == {"time": "<aws.scheduler.scheduled-time>"}
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == arn_of(
        aws.client("sqs"), stack.outputs["DeadLetterQueueUrl"]
    )


def test_the_making_of_baselines_is_called_every_hour_and_answers(
    aws: LocalAws, stack: Stack
) -> None:
    name = stack.outputs["BaselineFunctionName"]
    schedule = aws.client("scheduler").get_schedule(Name=name)
    assert (schedule["State"], schedule["ScheduleExpression"]) == ("ENABLED", "cron(17 * * * ? *)")
    answer = aws.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps({"time": iso(system_clock())}).encode()
    )
    report = json.loads(answer["Payload"].read())
    assert report["problems"] == []


def test_a_check_that_fails_is_kept_in_the_queue_and_not_started_again(
    aws: LocalAws, stack: Stack
) -> None:
    sqs, queue = aws.client("sqs"), stack.outputs["DeadLetterQueueUrl"]
    aws.client("lambda").invoke(
        FunctionName=stack.outputs["FunctionName"], InvocationType="Event", Payload=b'{"time": 7}'
    )
    kept: list[dict[str, Any]] = []

    def arrived() -> bool:
        kept.extend(sqs.receive_message(QueueUrl=queue).get("Messages", []))
        return bool(kept)

    until("the failed check in the dead-letter queue", arrived, seconds=20)
    for message in kept:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    (letter,) = (json.loads(message["Body"]) for message in kept)
    assert letter["requestPayload"] == {"time": 7}
    assert "cannot start a check from 7" in json.dumps(letter["responsePayload"])
