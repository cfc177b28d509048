"""What is deployed, and how it is set."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from functions.baseline.app import handler as baseline
from functions.check.app import handler as check
from headroom.domain.windows import instant
from headroom.errors import SettingsError
from headroom.event import CheckEvent
from headroom.pipeline.making import RESERVE
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


@pytest.mark.parametrize("function", ["CheckFunction", "BaselineFunction"])
def test_the_settings_take_the_environment_as_deployed(function: str) -> None:
    environment = deployed(resource(function)["Environment"]["Variables"])
    settings = Settings.from_environment(environment)
    assert settings.topic_arn == deployed({"Ref": "NoticeTopic"})
    ours = {name for name in environment if name.startswith("HEADROOM_")}
    assert ours <= {f"HEADROOM_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize(
    ("function", "expression", "event", "at"),
    [
        ("CheckFunction", "cron(* * * * ? *)", "schedule", "2026-11-22T10:05:00Z"),
        ("BaselineFunction", "cron(17 * * * ? *)", "baseline", "2026-11-22T10:17:00Z"),
    ],
)
def test_the_scheduler_sends_what_each_function_takes(
    function: str, expression: str, event: str, at: str
) -> None:
    (schedule,) = (
        each
        for each in of_type("AWS::Scheduler::Schedule").values()
        if each["Target"]["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
    )
    assert schedule["ScheduleExpression"] == expression
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    sent = schedule["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", at)
    assert json.loads(sent) == json.loads((ROOT / f"events/{event}.json").read_text())
    assert CheckEvent.parse(json.loads(sent)) == instant(at)


def test_what_does_not_run_ends_in_the_queue() -> None:
    schedules = of_type("AWS::Scheduler::Schedule").values()
    invoked = of_type("AWS::Lambda::EventInvokeConfig").values()
    assert len(schedules) == len(invoked) == len(HANDLERS)
    for schedule in schedules:
        assert schedule["Target"]["DeadLetterConfig"] == {"Arn": QUEUE}
    for each in invoked:
        assert each["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


HANDLERS = {"CheckFunction": check, "BaselineFunction": baseline}


@pytest.mark.parametrize("function", HANDLERS)
def test_the_handler_is_where_the_template_says(function: str) -> None:
    handler = HANDLERS[function]
    module, name = resource(function)["Handler"].split(".")
    code = written()["Resources"][function]["Properties"]["CodeUri"]
    assert f"{code.strip('/').replace('/', '.')}.{module}" == handler.__module__
    assert name == handler.__name__


def test_all_functions_act_on_one_installation() -> None:
    """They differ in the name of their metrics and in what only the check uses."""
    mine, other = (deployed(resource(each)["Environment"]["Variables"]) for each in HANDLERS)
    own = {"POWERTOOLS_SERVICE_NAME", "HEADROOM_PROJECT_METRICS"}
    assert {name: mine[name] for name in mine.keys() - own} == {
        name: other[name] for name in other.keys() - own
    }


def test_the_making_ends_before_the_next_begins() -> None:
    assert resource("BaselineFunction")["Timeout"] < 3600
    assert resource("BaselineFunction")["Timeout"] > RESERVE


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
