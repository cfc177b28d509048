"""What docs/rules.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from headroom_cli.config_file.schema import schema
from tests.unit.config.documents import PAGER, SLACK, a_project, a_rule, good, wrong

TEXT = (Path(__file__).parents[3] / "docs/rules.md").read_text()
CHANNELS = {"ops-slack": SLACK, "on-call": PAGER}
MISTAKES = re.findall(r"^\| `([^|]*)` \| `(?:\.\.\.|projects\.)([^|]*)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("written", "told"), MISTAKES)
def test_each_mistake_is_told_as_the_table_says(written: str, told: str) -> None:
    lines = yaml.safe_load(written.replace("`, `", "\n"))
    project = (
        a_project(**lines) if lines.keys() & {"region", "channels", "timezone"} else a_rule(**lines)
    )
    problem = wrong(project, channels=CHANNELS)
    assert told.replace("support-line", "line") in problem


def test_the_table_of_mistakes_is_read() -> None:
    assert len(MISTAKES) >= 9


@pytest.mark.parametrize(
    ("written", "calls"), re.findall(r'^\| `"([<>][^|]*)"` \| (\d+) \|', TEXT, re.MULTILINE)
)
def test_each_condition_is_as_many_calls_as_the_table_says(written: str, calls: str) -> None:
    rule = good(a_project(rules={"a": {"warning": written}})).rules[0]
    assert rule.levels[0].fires == int(calls)


def test_every_key_is_in_the_guide() -> None:
    channels_only = {"topic_arn", "chatbot", "service_region", "api_url"}  # docs/channels.md
    heartbeat = {"heartbeat", "url"}  # docs/operations.md
    objects = [schema(), *schema()["$defs"].values()]
    keys = {key for each in objects for key in each.get("properties", ())}
    for key in keys - channels_only - heartbeat:
        assert re.search(rf"\b{key}\b", TEXT), key
