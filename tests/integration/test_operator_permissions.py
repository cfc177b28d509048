"""The policy in the docs is what the operator's commands call, by the vendor's own operations."""

from __future__ import annotations

import json
import re

import botocore.session
from botocore import xform_name

from headroom_cli.doctor.explain import ACTIONS
from tests.deployment import ROOT, listed
from tests.integration.test_permissions import words

CLI = ROOT / "cli/headroom_cli"
BORROWED = {
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "sns:Publish",
    "ssm:GetParameterHistory",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
}
"""Called by Headroom's own adapters, which the commands use."""
CALLERS = {
    "cloudformation": [CLI / "stack.py"],
    "cloudwatch": [CLI / "doctor/probes/alarms.py", CLI / "doctor/probes/checks.py"],
    "dynamodb": [CLI / "doctor/probes/aws_resources.py"],
    "lambda": [CLI / "doctor/probes/aws_resources.py"],
    "scheduler": [CLI / "doctor/probes/aws_resources.py"],
    "sns": [CLI / "doctor/probes/topics.py"],
    "sqs": [CLI / "redrive/queue.py"],
    "ssm": [CLI / "config_file/publish.py"],
}


def called(service: str) -> set[str]:
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(operation): operation for operation in model.operation_names}
    used = {word for path in CALLERS[service] for word in words(path)}
    names = {operations[word] for word in used if word in operations}
    return {f"{service}:{name.removesuffix('Batch')}" for name in names}


def documented() -> set[str]:
    text = (ROOT / "docs/operations.md").read_text("utf-8")
    section = text.partition("## The operator's permissions")[2]
    block = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    assert block is not None
    statements = json.loads(block[1])["Statement"]
    return {action for each in statements for action in listed(each["Action"])}


def test_the_documented_policy_is_what_the_commands_call() -> None:
    assert documented() == BORROWED.union(*map(called, CALLERS))


def test_doctor_can_name_every_permission_that_it_may_lack() -> None:
    changing = {"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sns:Publish"}
    pushing = {"ssm:DeleteParameter", "ssm:PutParameter"}
    assert set(ACTIONS.values()) == documented() - changing - pushing
