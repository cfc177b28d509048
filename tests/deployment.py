"""The deployment as AWS would see it: `template.yaml` after SAM's translation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
REGION, ACCOUNT, STACK = "eu-west-2", "123456789012", "headroom-dev"

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
    session = boto3.Session(region_name=REGION)
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


def deployed(value: Any, stack: str = STACK) -> Any:  # noqa: ANN401 - JSON
    """A value of the template in a stack, the parameters at their defaults."""
    match value:
        case {"Ref": name}:
            return _of(name, "Ref", stack)
        case {"Fn::GetAtt": [name, attribute]}:
            return _of(name, attribute, stack)
        case {"Fn::Sub": [text, names]}:
            return _filled(text, deployed(names, stack), stack)
        case {"Fn::Sub": text}:
            return _filled(text, {}, stack)
    if isinstance(value, dict):
        return {key: deployed(each, stack) for key, each in value.items()}
    return [deployed(each, stack) for each in value] if isinstance(value, list) else value


def _filled(text: str, names: Mapping[str, str], stack: str) -> str:
    """A text of `Fn::Sub`; what begins with `${!` is left for others, without the mark."""

    def put(found: re.Match[str]) -> str:
        name, _, attribute = found[1].partition(".")
        if name.startswith("!"):
            return f"${{{found[1][1:]}}}"
        return str(names[name] if name in names else _of(name, attribute or "Ref", stack))

    return re.sub(r"\$\{([^}]+)\}", put, text)


def _of(name: str, attribute: str, stack: str) -> str:
    """What CloudFormation puts for a reference: ours are told apart, and look like AWS's."""
    pseudo = {"StackName": stack, "Region": REGION, "AccountId": ACCOUNT, "Partition": "aws"}
    if name.startswith("AWS::"):
        return pseudo[name.removeprefix("AWS::")]
    if name in (parameters := translated()["Parameters"]):
        return str(parameters[name]["Default"])
    resource = translated()["Resources"][name]
    kind, given = resource["Type"], f"{resource['Type'].split('::')[-1]}Name"
    own = str(deployed(resource["Properties"].get(given, f"{stack}-{name}-1"), stack))
    match kind, attribute:
        case "AWS::SNS::Topic", "Ref":
            return f"arn:aws:sns:{REGION}:{ACCOUNT}:{own}"
        case "AWS::SQS::Queue", "Ref":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{own}"
        case "AWS::CloudWatch::Alarm", "Arn":
            return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{own}"
    return own
