"""Least privilege: what the deployed roles may do, beside what the code does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from tests.deployment import ACCOUNT, REGION, ROOT, deployed, listed, of_type, resource, statements

ROLES = sorted(of_type("AWS::IAM::Role"))
PACKAGE = ROOT / "layers/headroom/headroom"
BASELINES = "state/dynamodb_baselines.py"
CONFIGURATION = ["config/ssm_source.py", "config/parameter_store.py"]
QUEUE = ["state/deadletters.py"]
ADAPTERS = {
    "CheckRole": {
        "dynamodb": ["state/dynamodb.py", BASELINES],
        "ssm": CONFIGURATION,
        "sns": ["channels/sns.py"],
        "sqs": QUEUE,
    },
    # Lambda itself puts failed runs into the queue, as the adapter puts notices.
    "BaselineRole": {"dynamodb": [BASELINES], "ssm": CONFIGURATION, "sqs": QUEUE},
}
"""By role and service, the adapters that its function uses."""
ASKS_FOR = {"TransactWriteItems": "PutItem"}
"""Operations that ask for another's permission, that of their parts:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""

WILD = {
    # What operators call their projects, channels and keys is not known here.
    ("CheckRole", "Configuration"): {
        f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/headroom/dev/*",
    },
    # X-Ray knows no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    ("CheckRole", "Traces"): {"*"},
}
WILD |= {("BaselineRole", statement): allowed for (_, statement), allowed in WILD.items()}
"""The only wildcards that there may be, by role and statement."""


def words(path: Path) -> Iterator[str]:
    """Every attribute and text of a module: `client.get_item`, `get_paginator("query")`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def called(role: str, service: str) -> set[str]:
    """The actions that the adapters of a service need, by the vendor's own list of operations."""
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(operation): operation for operation in model.operation_names}
    used = {word for path in ADAPTERS[role][service] for word in words(PACKAGE / path)}
    return {f"{service}:{ASKS_FOR.get(name, name)}" for name in map(operations.get, used) if name}


@pytest.mark.parametrize("role", ADAPTERS)
@pytest.mark.parametrize("service", ["dynamodb", "ssm", "sns", "sqs"])
def test_a_function_may_call_what_it_calls_and_nothing_else(role: str, service: str) -> None:
    allowed = {
        action
        for _, statement in statements(role)
        for action in listed(statement["Action"])
        if action.startswith(f"{service}:")
    }
    assert allowed == (called(role, service) if service in ADAPTERS[role] else set())


def test_the_making_reaches_baselines_and_history_and_no_document() -> None:
    """Its keys: what it reads and writes begins with these."""
    reached = {
        action: next(iter(statement["Condition"].values()))["dynamodb:LeadingKeys"]
        for _, statement in statements("BaselineRole")
        for action in listed(statement["Action"])
        if action.startswith("dynamodb:")
    }
    assert reached.pop("dynamodb:Query") == "PROJECT#*"
    assert set(reached.values()) == {"USUAL"}


def test_every_adapter_is_looked_at() -> None:
    mentioned = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if {"get_paginator", "get_item", "get_parameter", "publish", "send_message"}
        & set(words(path))
    }
    known = {path for each in ADAPTERS.values() for paths in each.values() for path in paths}
    assert mentioned <= known


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_named_things_to_named_things(role: str) -> None:
    for _, statement in statements(role):
        assert statement["Effect"] == "Allow"
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert not any("*" in action for action in listed(statement["Action"]))
        wild = {
            each for each in listed(deployed(statement["Resource"])) if re.search(r"[*?]", each)
        }
        assert wild <= WILD.get((role, statement.get("Sid", "")), set())


@pytest.mark.parametrize("role", ADAPTERS)
def test_tracing_is_off_unless_asked_for(role: str) -> None:
    assert [then["Sid"] for condition, then in statements(role) if condition == "IsTraced"]
    assert deployed({"Ref": "Tracing"}) == "PassThrough"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_given_to_one_service_of_aws(role: str) -> None:
    (trusted,) = resource(role)["AssumeRolePolicyDocument"]["Statement"]
    service = "lambda" if role in ADAPTERS else "scheduler"
    assert listed(trusted["Action"]) == ["sts:AssumeRole"]
    assert trusted["Principal"].keys() == {"Service"}
    assert listed(trusted["Principal"]["Service"]) == [f"{service}.amazonaws.com"]


def test_a_schedule_may_start_its_function_and_nothing_else() -> None:
    started = set()
    for schedule in of_type("AWS::Scheduler::Schedule").values():
        function = schedule["Target"]["Arn"]["Fn::GetAtt"][0]
        started.add(function)
        role = schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]
        allowed = [(each["Action"], each["Resource"]["Fn::GetAtt"]) for _, each in statements(role)]
        assert sorted(allowed) == [
            ("lambda:InvokeFunction", [function, "Arn"]),
            ("sqs:SendMessage", ["DeadLetterQueue", "Arn"]),
        ]
    assert started == {"CheckFunction", "BaselineFunction"}


@pytest.mark.parametrize("role", ADAPTERS)
def test_a_key_decrypts_only_what_comes_from_parameter_store(role: str) -> None:
    (secrets,) = [each for _, each in statements(role) if each["Sid"] == "Secrets"]
    assert deployed(secrets["Condition"]) == {
        "StringEquals": {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_policy_of_others_is_attached(role: str) -> None:
    assert not resource(role).get("ManagedPolicyArns")


@pytest.mark.parametrize("role", ADAPTERS)
def test_parameters_are_read_below_the_prefix_only(role: str) -> None:
    (reading,) = [each for _, each in statements(role) if each["Sid"] == "Configuration"]
    for arn in reading["Resource"]:
        assert arn["Fn::Sub"].removesuffix("/*").endswith(":parameter${Prefix}")


def test_every_role_may_leave_what_failed_in_the_queue() -> None:
    queue = {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}
    for role in ROLES:
        assert any(
            "sqs:SendMessage" in listed(each["Action"]) and queue in listed(each["Resource"])
            for _, each in statements(role)
        )
