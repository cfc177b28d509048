"""What both sources of configuration promise: Parameter Store and a YAML file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import boto3
import pytest
import yaml
from moto import mock_aws
from pydantic import SecretStr

from headroom.config.channels import SlackModel
from headroom.config.ssm_source import SsmSource
from headroom.errors import ConfigError
from headroom.ports import Source
from headroom_cli.config_file.source import FileSource
from tests.unit.config.documents import SLACK, a_project

PREFIX = "/headroom/test"


class Operator(Protocol):
    """Somebody who writes, and the source that reads it."""

    source: Source

    def write(self, document: dict[str, Any]) -> None:
        """Make this the whole configuration."""

    def spoil(self, project: str, text: str) -> None:
        """Break one project's part, as a slip of the pen would."""


class OnFile:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "alerts.yaml"
        self.source: Source = FileSource(self.path)
        self.document: dict[str, Any] = {}

    def write(self, document: dict[str, Any]) -> None:
        self.document = document
        self.path.write_text(yaml.safe_dump(document))

    def spoil(self, project: str, text: str) -> None:
        self.write({**self.document, "projects": {**self.document["projects"], project: text}})


class OnSsm:
    def __init__(self) -> None:
        self.client = boto3.client("ssm", region_name="eu-west-2")
        self.source: Source = SsmSource(self.client, PREFIX, ttl=0, clock=lambda: 0.0)
        self.names: set[str] = set()

    def write(self, document: dict[str, Any]) -> None:
        singles = ("defaults", "heartbeat")
        flat = {name: json.dumps(document[name]) for name in singles if name in document}
        for section in ("projects", "channels"):
            for name, content in document.get(section, {}).items():
                flat[f"{section}/{name}"] = json.dumps(content)
        flat |= {f"keys/{name}": key for name, key in document["keys"].items()}
        for name, value in flat.items():
            self._put(name, value)
        for name in self.names - set(flat):
            self.client.delete_parameter(Name=f"{PREFIX}/{name}")
        self.names = set(flat)

    def _put(self, name: str, value: str) -> None:
        secure = name.startswith(("keys/", "channels/", "heartbeat"))
        self.client.put_parameter(
            Name=f"{PREFIX}/{name}",
            Value=value,
            Type="SecureString" if secure else "String",
            Overwrite=True,
        )

    def spoil(self, project: str, text: str) -> None:
        self._put(f"projects/{project}", text)


@pytest.fixture(params=["file", "ssm"])
def operator(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Operator]:
    if request.param == "file":
        yield OnFile(tmp_path)
        return
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield OnSsm()


def document(**projects: object) -> dict[str, Any]:
    return {
        "defaults": {"settle": "90s"},
        "projects": projects,
        "channels": {"ops-slack": SLACK},
        "keys": {"default": "polyai-key-1"},
        "heartbeat": {"url": "https://hc.example.com/sesame"},
    }


def test_everything_that_was_written_is_there(operator: Operator) -> None:
    """More projects than one page of Parameter Store holds."""
    names = [f"line-{number:02}" for number in range(23)]
    operator.write(document(**dict.fromkeys(names, a_project(channels=["ops-slack"]))))
    configuration = asyncio.run(operator.source.load())
    assert sorted(configuration.projects) == names
    assert configuration.invalid == {}
    assert isinstance(configuration.channels["ops-slack"], SlackModel)
    assert configuration.settle == 90
    assert configuration.heartbeat is not None
    assert configuration.heartbeat.url.get_secret_value() == "https://hc.example.com/sesame"
    assert configuration.fresh
    assert configuration.problems() == []


def test_an_edit_is_seen_by_a_fresh_load_and_raises_the_version(operator: Operator) -> None:
    operator.write(document(line=a_project(limit=120)))
    before = asyncio.run(operator.source.load()).projects["line"]
    operator.write(document(line=a_project(limit=60)))
    after = asyncio.run(operator.source.load(fresh=True)).projects["line"]
    assert (before.limit, after.limit) == (120, 60)
    assert after.version > before.version


def test_an_edit_of_the_defaults_raises_the_version_of_every_project(operator: Operator) -> None:
    operator.write(document(line=a_project()))
    before = asyncio.run(operator.source.load()).projects["line"]
    operator.write({**document(line=a_project()), "defaults": {"client_env": "live"}})
    after = asyncio.run(operator.source.load(fresh=True)).projects["line"]
    assert after.version > before.version


def test_what_is_removed_is_gone(operator: Operator) -> None:
    operator.write(document(line=a_project(), other=a_project()))
    asyncio.run(operator.source.load())
    operator.write(document(line=a_project()))
    assert list(asyncio.run(operator.source.load(fresh=True)).projects) == ["line"]


def test_a_spoilt_project_is_refused_and_the_others_go_on(operator: Operator) -> None:
    operator.write(document(other=a_project()))
    operator.spoil("line", '{"limit": ')
    configuration = asyncio.run(operator.source.load(fresh=True))
    assert list(configuration.projects) == ["other"]
    assert configuration.invalid["line"].problem.startswith("projects.line: ")


def test_a_key_is_found_by_its_name(operator: Operator) -> None:
    operator.write(document(line=a_project()))
    assert asyncio.run(operator.source.key("default")).get_secret_value() == "polyai-key-1"


def test_a_key_that_does_not_exist_is_an_error_that_names_it(operator: Operator) -> None:
    operator.write(document(line=a_project()))
    with pytest.raises(ConfigError, match=r"keys\.europe: there is no"):
        asyncio.run(operator.source.key("europe"))
    with pytest.raises(ConfigError, match=r"keys\.europe: there is no"):
        asyncio.run(operator.source.key("europe", rejected=SecretStr("old")))


def test_a_rotated_key_is_read_past_the_cache(operator: Operator) -> None:
    operator.write(document(line=a_project()))
    old = asyncio.run(operator.source.key("default"))
    operator.write({**document(line=a_project()), "keys": {"default": "polyai-key-2"}})
    new = asyncio.run(operator.source.key("default", rejected=old))
    assert new.get_secret_value() == "polyai-key-2"
    assert asyncio.run(operator.source.key("default")) == new


def test_a_key_that_was_not_rotated_is_answered_as_it_is(operator: Operator) -> None:
    operator.write(document(line=a_project()))
    old = asyncio.run(operator.source.key("default"))
    assert asyncio.run(operator.source.key("default", rejected=old)) == old


def test_a_missing_key_refuses_the_project_that_names_it(operator: Operator) -> None:
    operator.write(document(line=a_project(), europe=a_project(api_key="europe")))
    configuration = asyncio.run(operator.source.load())
    assert list(configuration.projects) == ["line"]
    assert (
        "europe.api_key: there is no API key of this name"
        in configuration.invalid["europe"].problem
    )


def test_nothing_that_is_told_holds_a_secret(operator: Operator) -> None:
    secret = "sesame0pen"
    channels = {"ops-slack": {"type": "slack", "webhook_url": f"http://x.test/{secret}"}}
    written = document(line=a_project(channels=["ops-slack"]))
    operator.write({**written, "channels": channels, "keys": {"default": secret}})
    configuration = asyncio.run(operator.source.load())
    key = asyncio.run(operator.source.key("default"))
    assert secret not in repr((configuration, key, operator.source, vars(operator.source)))
