"""The deployment as AWS would see it: `template.yaml` after SAM's translation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]

Json = dict[str, Any]


def written() -> Json:
    """The template as it stands in the repository, intrinsics in their long form."""
    template: Json = yaml_parse((ROOT / "template.yaml").read_text())
    return template


@cache
def translated() -> Json:
    """The template that CloudFormation gets; code lies where `sam deploy` would have put it."""
    template = written()
    for resource in template["Resources"].values():
        for key in {"CodeUri", "ContentUri"} & resource["Properties"].keys():
            resource["Properties"][key] = "s3://bucket/key"
    session = boto3.Session(region_name="eu-west-2")
    translator = Translator({}, Parser(), boto_session=session)
    result: Json = translator.translate(template, {})
    return result


def resource(name: str) -> Json:
    """The properties of one translated resource."""
    properties: Json = translated()["Resources"][name]["Properties"]
    return properties


def of_type(kind: str) -> dict[str, Json]:
    """The properties of all resources of a type, by name."""
    resources = translated()["Resources"].items()
    return {name: each["Properties"] for name, each in resources if each["Type"] == kind}


def statements(role: str) -> Iterator[tuple[str, Json]]:
    """What a role may do, each with the condition that it depends on ('' for none)."""
    for policy in resource(role)["Policies"]:
        for statement in listed(policy["PolicyDocument"]["Statement"]):
            condition, then, otherwise = statement.get("Fn::If", ("", statement, NOTHING))
            assert otherwise == NOTHING
            yield condition, then


NOTHING = {"Ref": "AWS::NoValue"}


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    """Policies write one thing without a list around it."""
    return value if isinstance(value, list) else [value]
