"""What is deployed, and how it is set."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from functions.check.app import handler
from headroom.errors import SettingsError
from headroom.event import CheckEvent
from headroom.settings import Settings
from tests.deployment import ROOT, deployed, of_type, resource, translated, written

QUEUE = {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}


def stages() -> dict[str, list[str]]:
    """The parameter overrides of each stage in samconfig.toml."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return {
        stage: each["deploy"]["parameters"]["parameter_overrides"]
        for stage, each in config.items()
        if isinstance(each, dict) and "deploy" in each
    }


def test_the_translated_template_passes_cfn_lint() -> None:
    """It looks at a function's runtime, handler and layers only after the translation."""
    found = lint(json.dumps(translated()), config=ManualArgs(regions=["eu-west-2"]))
    assert [str(match) for match in found] == []


def test_the_settings_take_the_environment_as_deployed() -> None:
    environment = deployed(resource("CheckFunction")["Environment"]["Variables"])
    settings = Settings.from_environment(environment)
    assert settings.topic_arn == deployed({"Ref": "NoticeTopic"})
    ours = {name for name in environment if name.startswith("HEADROOM_")}
    assert ours <= {f"HEADROOM_{name.upper()}" for name in Settings.model_fields}


def test_every_minute_the_scheduler_sends_what_the_check_takes() -> None:
    (schedule,) = of_type("AWS::Scheduler::Schedule").values()
    assert schedule["ScheduleExpression"] == "cron(* * * * ? *)"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    sent = schedule["Target"]["Input"].replace(
        "<aws.scheduler.scheduled-time>", "2026-11-22T10:05:00Z"
    )
    assert json.loads(sent) == json.loads((ROOT / "events/schedule.json").read_text())
    assert CheckEvent.parse(json.loads(sent)) == 1795341900


def test_what_does_not_run_ends_in_the_queue() -> None:
    (schedule,) = of_type("AWS::Scheduler::Schedule").values()
    (invoked,) = of_type("AWS::Lambda::EventInvokeConfig").values()
    assert schedule["Target"]["DeadLetterConfig"] == {"Arn": QUEUE}
    assert invoked["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_the_handler_is_where_the_template_says() -> None:
    function = resource("CheckFunction")
    module, name = function["Handler"].split(".")
    code = written()["Resources"]["CheckFunction"]["Properties"]["CodeUri"]
    assert f"{code.strip('/').replace('/', '.')}.{module}" == handler.__module__
    assert name == handler.__name__


def test_a_check_ends_before_the_next_begins() -> None:
    assert resource("CheckFunction")["Timeout"] < 60


def test_the_table_is_as_the_state_expects_it_and_safe() -> None:
    table = resource("StateTable")
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
        ("pk", "HASH"),
        ("sk", "RANGE"),
    ]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert table["SSESpecification"]["SSEEnabled"]


def test_topic_and_queue_are_encrypted() -> None:
    assert resource("NoticeTopic")["KmsMasterKeyId"]
    assert resource("DeadLetterQueue")["SqsManagedSseEnabled"]


def test_a_deleted_stack_leaves_nothing_behind() -> None:
    for name, each in translated()["Resources"].items():
        assert each.get("DeletionPolicy", "Delete") == "Delete", name
    assert "ProtectTable=false" in stages()["dev"]
    assert resource("StateTable")["DeletionProtectionEnabled"] == {"Ref": "ProtectTable"}


@pytest.mark.parametrize("name", ["StateTable", "DeadLetterQueue"])
def test_what_cannot_be_made_again_outlives_its_replacement(name: str) -> None:
    """An update that makes a new one keeps the old; CloudFormation names both, or they collide."""
    assert translated()["Resources"][name]["UpdateReplacePolicy"] == "Retain"
    assert not {"TableName", "QueueName"} & resource(name).keys()


@pytest.mark.parametrize(
    "address",
    [
        "https://polyai.example.com",
        "https://polyai.example.com:8443",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://polyai.example.com",
        "http://localhost.example.com",
        "https://polyai.example.com/v1",
        "https://user@polyai.example.com",
        "polyai.example.com",
    ],
)
def test_a_deployment_refuses_the_addresses_that_the_check_would_refuse(address: str) -> None:
    """Else the stack is updated well, and every check fails."""
    taken = re.fullmatch(written()["Parameters"]["PolyaiUrl"]["AllowedPattern"], address)
    variables = deployed(resource("CheckFunction")["Environment"]["Variables"])
    try:
        Settings.from_environment({**variables, "HEADROOM_POLYAI_URL": address})
    except SettingsError:
        assert not taken
    else:
        assert taken


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_stage_sets_parameters_that_exist_to_what_they_take(stage: str) -> None:
    parameters = written()["Parameters"]
    for name, value in (override.split("=", 1) for override in stages()[stage]):
        parameter = parameters[name]
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), value)
        assert value in map(str, parameter.get("AllowedValues", [value]))
