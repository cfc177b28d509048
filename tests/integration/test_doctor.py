"""`headroom doctor` on the real template: one thing broken, its line, and the fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from headroom_cli.demo.cloud import Cloud
from headroom_cli.doctor.explain import ACTIONS, VITAL
from tests.integration.doctor_setup import CLIENTS, DoctorSetup, Operator, well
from tests.integration.doctor_troubles import TROUBLES, Broken, failed_check, letters, rotated
from tests.unit.cli.deployed import aws


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with aws() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def operator(cloud: Cloud) -> Operator:
    return Operator(cloud)


@pytest.fixture
def setup(cloud: Cloud, operator: Operator) -> Iterator[DoctorSetup]:
    with well(cloud, operator) as setup:
        yield setup


HEALTHY = """\
ok    credentials        account 123456789012, eu-west-2, as arn:aws:sts::123456789012:user/moto
ok    stack              prod is CREATE_COMPLETE
ok    function           prod-check is Active, its last update Successful, on python3.13
ok    schedule           prod-check is ENABLED, every minute
ok    last check         N min ago; N checks succeeded in 15 minutes, 0 failed
ok    state              evaluated up to TIME, N min ago
ok    alarms             none of N alarms is in ALARM
ok    table              TABLE is ACTIVE, TTL is on
ok    incidents          none is open
ok    notices            none is pending
ok    dead letters       none
ok    parameters         2 projects, 3 channels, 1 API key under /headroom/prod
ok    schedule           prod-baseline is ENABLED, every hour
ok    baselines          1 baseline, the oldest made N h ago
ok    projects           PolyAI answers for 2 projects
ok    channel default    1 subscription
ok    operations topic   1 subscription
ok    channel data-team  1 subscription
ok    channel ops-slack  127.0.0.1 can be reached (nothing was sent)
ok    channel on-call    127.0.0.1 can be reached (nothing was sent)
ok    heartbeat          127.0.0.1 can be reached (nothing was sent)
21 ok
"""


def test_all_is_well(setup: DoctorSetup) -> None:
    code, said = setup.look()
    assert (code, said) == (0, HEALTHY)
    assert setup.inbox.received == []


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_one_broken_thing_is_told_with_its_way_out(setup: DoctorSetup, trouble: Broken) -> None:
    with trouble.by(setup):
        code, said = setup.look()
    for line in trouble.lines:
        assert line in said
    assert code == int(any(line.startswith("FAIL") for line in trouble.lines))
    unchanged = set(HEALTHY.splitlines()[:-1]) & set(said.splitlines())
    assert len(unchanged) >= 14, "all else is looked at too"


LATER = {"BatchGetItem", "DescribeTimeToLive", "GetFunctionConcurrency", "Query", "ReceiveMessage"}
"""Asked only once another operation was answered."""


IN_TROUBLE = {"GetParameterHistory", "GetParameters"}
"""Asked only where a parameter is invalid; without them, what is said of it names the refusal."""
FIRST = set(ACTIONS) - LATER - IN_TROUBLE - {VITAL}


@pytest.mark.parametrize("denied", [FIRST, LATER], ids=["first", "later"])
def test_a_permission_that_is_missing_is_named_and_all_else_is_looked_at(
    setup: DoctorSetup, denied: set[str]
) -> None:
    failed_check(setup)  # so that there is a message to receive
    with ExitStack() as refused:
        for operation in denied:
            refused.enter_context(setup.aws.refusing(operation))
        code, said = setup.look()
    for operation in denied:
        assert f"not examined: your role lacks {ACTIONS[operation]}\n" in said
    assert "ok    credentials" in said
    assert "FAIL" not in said
    assert code == 0


def test_without_the_stack_nothing_else_can_be_found(setup: DoctorSetup) -> None:
    with setup.aws.refusing("DescribeStacks"):
        code, said = setup.look()
    assert "FAIL  stack              not examined: your role lacks cloudformation:Descr" in said
    assert "warn  not examined       function, schedule, last check, state, " in said
    assert code == 1


def test_a_stack_of_another_name_is_a_line(setup: DoctorSetup) -> None:
    stack = replace(setup.deployed.stack, name="headroom-pord")
    code, said = replace(setup, deployed=replace(setup.deployed, stack=stack)).look()
    assert "FAIL  stack              there is no stack 'prod' in eu-west-2: is AWS_REG" in said
    assert code == 1


def test_a_table_that_is_gone_fails_and_hides_nothing_else(setup: DoctorSetup) -> None:
    client, table = setup.deployed.client("dynamodb"), setup.deployed.stack.table
    client.update_table(TableName=table, DeletionProtectionEnabled=False)
    client.delete_table(TableName=table)
    code, said = setup.look()
    assert "FAIL  table              dynamodb:DescribeTable was answered with ResourceNotF" in said
    assert "warn  not examined       notices: first fix state\n" in said
    assert "ok    projects           PolyAI answers for 2 projects\n" in said
    assert code == 1


def test_expired_credentials_are_told_once_with_the_way_to_log_in(setup: DoctorSetup) -> None:
    with setup.aws.refusing("GetCallerIdentity", "ExpiredToken"):
        code, said = setup.look()
    assert said.count("FAIL") == 2  # its line, and the sum
    assert "-> export AWS_PROFILE=... AWS_REGION=..., or log in again: aws sso login\n" in said
    assert code == 1


def test_looking_changes_nothing(setup: DoctorSetup) -> None:
    """No notice sent, no item written, no message hidden or moved."""
    letters(setup)
    before = setup.everything()
    setup.look()
    assert setup.everything() == before
    assert setup.inbox.received == []
    assert setup.simulator.requests == {200: 2}


def test_a_real_stack_that_names_this_machine_is_told_and_nothing_here_is_called(
    setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    for client in CLIENTS:
        getattr(setup.aws, client)  # made now: what follows is not to move them
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example.com")
    _, said = setup.look()
    why = "127.0.0.1 is on loopback, but AWS_ENDPOINT_URL is not: give a public address"
    assert f"FAIL  channel ops-slack  not asked: {why}\n" in said
    assert f"FAIL  heartbeat          not asked: {why}\n" in said
    assert f"(key default, uk-1): not asked: {why}\n" in said
    assert setup.simulator.requests == {}


def test_programs_get_the_same_findings(setup: DoctorSetup) -> None:
    rotated(setup)
    code, said = setup.look(as_json=True)
    told = json.loads(said)
    assert (code, told["healthy"]) == (1, False)
    (bad,) = [each for each in told["findings"] if each["status"] == "FAIL"]
    assert bad["subject"] == "projects"
    assert bad["fix"].startswith("read -rs KEY; aws ssm put-parameter ")


def test_the_command_takes_the_stack_by_its_name(
    setup: DoctorSetup, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own clients meet moto as it is: nobody ever confirms a subscription there."""
    assert setup.deployed.run("doctor") == 1
    said = setup.same(capsys.readouterr().out)
    same = set(HEALTHY.splitlines()) & set(said.splitlines())
    assert len(same) == 18
    assert "nobody is subscribed" in said
