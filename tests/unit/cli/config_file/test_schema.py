"""The JSON Schema that editors use, and the example that shows how it is done."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from headroom.config.resolve import resolve
from headroom.domain.conditions import NotUnderstood, condition
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.schema import schema, text
from headroom_cli.config_file.source import read

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "examples/alerts.yaml"
SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)
RULE = Draft202012Validator({"$ref": "#/$defs/RuleModel", "$defs": SCHEMA["$defs"]})


def example() -> dict[str, Any]:
    loaded = yaml_loader.load(EXAMPLE.read_bytes(), EXAMPLE.name)  # dates are text, as in editors
    assert isinstance(loaded, dict)
    return loaded


def test_the_committed_schema_is_the_models() -> None:
    committed = (ROOT / "docs/alerts.schema.json").read_text()
    assert committed == text(), "run headroom schema > docs/alerts.schema.json"


def test_the_schema_is_a_schema_and_the_example_follows_it() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(example())


def test_the_example_loads_and_names_its_schema() -> None:
    assert EXAMPLE.read_text().startswith("# yaml-language-server: $schema=../docs/alerts.schema")
    configuration = resolve(read(EXAMPLE, lambda name: ("k" * 32, "https://x.test")["URL" in name]))
    assert not configuration.invalid
    assert len(configuration.projects) == 6


def test_every_key_is_explained() -> None:
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    keys = [(key, value) for each in objects for key, value in each.get("properties", {}).items()]
    assert len(keys) > 40
    assert [key for key, value in keys if not {"description", "$ref"} & {*value}] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("projects", "booking", "limit"), "100"),
        (("projects", "booking", "limits"), 100),
        (("projects", "a/b"), {"project_id": "x", "rules": {"a": {"warning": ">= 1"}}}),
        (("projects", "booking", "region"), "eu"),
        (("projects", "booking", "rules"), {}),
        (("projects", "booking", "rules", "spanish", "warning"), ">= 20 %%"),
        (("projects", "booking", "rules", "spanish", "warning"), 20),
        (("projects", "booking", "rules", "spanish", "per"), {"region": ["x"]}),
        (("projects", "booking", "rules", "spanish", "for"), "often"),
        (("projects", "booking", "rules", "spanish", "channels"), []),
        (("channels", "ops-slack", "webhook_url"), "hooks.slack.com"),
        (("channels", "ops-slack", "type"), "slak"),
        (("project",), {}),
    ],
)
def test_the_schema_refuses_what_headroom_refuses(path: tuple[str, ...], value: object) -> None:
    document = copy.deepcopy(example())
    inside = document
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    assert not VALIDATOR.is_valid(document)


@given(st.text(alphabet=">=<0123456789.% oflimt", max_size=16))
def test_the_pattern_of_a_condition_takes_what_the_grammar_takes(written: str) -> None:
    try:
        condition(written)
    except NotUnderstood:
        return
    assert RULE.is_valid({"warning": written})


def test_the_schema_is_json_with_a_line_at_its_end() -> None:
    assert json.loads(text()) == schema()
    assert text().endswith("}\n")
