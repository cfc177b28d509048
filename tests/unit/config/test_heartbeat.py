"""The heartbeat's address: a secret that is written, stored and refused as a channel is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from jsonschema import Draft202012Validator
from moto import mock_aws

from headroom.config.configuration import Configuration
from headroom.config.raw import RawConfig
from headroom.config.resolve import resolve
from headroom.config.ssm_source import SsmSource
from headroom.errors import ConfigError
from headroom_cli.config_file.publish import Action, parameters, write
from headroom_cli.config_file.schema import schema
from headroom_cli.config_file.source import FileSource, read
from tests.unit.config.documents import a_project, faults_of, what_is_stored

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/headroom/test"
SECRET = "sesame0pen"
URL = f"https://hc-ping.com/{SECRET}"
PLAIN = "store it as a SecureString"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[SSMClient]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-west-2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.yaml"


def written(path: Path, heartbeat: object, **more: object) -> RawConfig:
    """What a file with this heartbeat, and with nothing else unless given, holds."""
    path.write_text(json.dumps({"heartbeat": heartbeat, **more}), "utf-8")
    return read(path, {"HEARTBEAT_URL": URL}.get)


def push(client: SSMClient, document: RawConfig, *, prune: bool = False) -> dict[str, Action]:
    wanted = parameters(document, what_is_stored(client, PREFIX), prune=prune)
    done = write(client, PREFIX, wanted, sections=document.sections, prune=prune)
    return {each.name: each.action for each in done}


def loaded(client: SSMClient) -> Configuration:
    return asyncio.run(SsmSource(client, PREFIX, ttl=0, clock=lambda: 0.0).load())


def put(client: SSMClient, value: str, sort: str = "SecureString") -> None:
    client.put_parameter(Name=f"{PREFIX}/heartbeat", Value=value, Type=sort)  # type: ignore[arg-type]  # one of three words


def test_it_is_pushed_as_a_secret_and_read_again(client: SSMClient, path: Path) -> None:
    document = written(path, {"url": "env:HEARTBEAT_URL"})
    assert SECRET not in repr(document)
    assert push(client, document) == {"heartbeat": Action.CREATED}
    stored = client.get_parameter(Name=f"{PREFIX}/heartbeat", WithDecryption=True)["Parameter"]
    assert (stored["Type"], json.loads(stored["Value"])) == ("SecureString", {"url": URL})
    configuration = loaded(client)
    assert configuration.heartbeat is not None
    assert configuration.heartbeat.url.get_secret_value() == URL
    assert SECRET not in repr(configuration)
    assert configuration.problems() == []
    assert push(client, document) == {"heartbeat": Action.UNCHANGED}


def test_it_goes_only_where_the_file_says_that_there_is_none_and_only_when_told(
    client: SSMClient, path: Path
) -> None:
    """As every section: one that the file lacks, or that is all comments, stays as it is stored."""
    push(client, written(path, {"url": URL}))
    for nothing in (written(path, None), written(path, None, keys={"default": "polyai-key"})):
        assert "heartbeat" not in push(client, nothing, prune=True)
    assert push(client, written(path, {})) == {"heartbeat": Action.EXTRA}
    assert push(client, written(path, {}), prune=True) == {"heartbeat": Action.DELETED}
    assert loaded(client).heartbeat is None
    assert push(client, written(path, {}), prune=True) == {}


BAD: list[tuple[object, str]] = [
    ({"url": f"http://hc-ping.com/{SECRET}"}, "url: the address must be https"),
    ({"url": f"https://me:{SECRET}@hc-ping.com"}, "url: an address must not hold a user name"),
    ({"url": [SECRET]}, "url: expected text in quotes"),
    ({"url": None}, "url: nothing is written here"),
    ({"ulr": SECRET}, 'unknown key "ulr": did you mean "url"?'),
    ({"url": "env:NOT_SET"}, "url: the environment variable NOT_SET is not set"),
    (URL, "expected a mapping of keys, found text"),
    (False, "expected a mapping of keys, found a boolean"),
]


@pytest.mark.parametrize(("heartbeat", "problem"), BAD)
def test_a_bad_one_stops_nothing_and_is_a_fault_without_its_secret(
    path: Path, heartbeat: object, problem: str
) -> None:
    document = written(
        path, heartbeat, projects={"line": a_project()}, keys={"default": "polyai-key"}
    )
    configuration = resolve(document)
    assert list(configuration.projects) == ["line"]
    assert configuration.heartbeat is None
    assert problem in faults_of(configuration)["heartbeat"]
    assert SECRET not in "".join(configuration.problems())
    with pytest.raises(ConfigError, match="\n- heartbeat: ") as refused:
        parameters(document)
    assert problem in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "sort", "problem"),
    [
        (json.dumps({"url": URL}), "String", PLAIN),
        (json.dumps({"url": URL})[:-2], "SecureString", "the JSON is cut off"),
        (URL, "SecureString", "the JSON is not valid"),
        ("{}", "SecureString", "url: is missing"),
    ],
)
def test_a_stored_one_of_no_use_is_a_fault(
    client: SSMClient, value: str, sort: str, problem: str
) -> None:
    put(client, value, sort)
    configuration = loaded(client)
    assert configuration.heartbeat is None
    assert problem in faults_of(configuration)["heartbeat"]
    assert SECRET not in "".join(configuration.problems())
    assert configuration.ignored == ()


def test_one_that_everybody_may_read_is_told_also_beside_a_project_with_the_same_trouble(
    client: SSMClient,
) -> None:
    """A refused project's sentence may hold the same words, and is not about the heartbeat."""
    put(client, json.dumps({"url": URL}), "String")
    for name, value in (("keys/default", "polyai-key"), ("projects/a", json.dumps(a_project()))):
        client.put_parameter(Name=f"{PREFIX}/{name}", Value=value, Type="String")
    configuration = loaded(client)
    assert PLAIN in configuration.invalid["a"].problem
    assert faults_of(configuration)["heartbeat"] == PLAIN


def test_one_that_was_stored_in_plain_is_made_secure(client: SSMClient, path: Path) -> None:
    put(client, json.dumps({"url": URL}), "String")
    assert push(client, written(path, {"url": URL})) == {"heartbeat": Action.UPDATED}
    assert loaded(client).heartbeat is not None


def test_a_file_is_a_source_of_it_too(path: Path) -> None:
    written(path, {"url": "env:HEARTBEAT_URL"})
    source = FileSource(path, {"HEARTBEAT_URL": URL}.get)
    configuration = asyncio.run(source.load())
    assert configuration.heartbeat is not None
    assert configuration.heartbeat.url.get_secret_value() == URL


@pytest.mark.parametrize(
    ("heartbeat", "good"),
    [
        ({"url": URL}, True),
        ({"url": "env:HEARTBEAT_URL"}, True),
        ({}, True),
        ({"url": "hc-ping.com"}, False),
        ({"url": URL, "method": "POST"}, False),
        (URL, False),
    ],
)
def test_editors_know_it(heartbeat: object, *, good: bool) -> None:
    assert Draft202012Validator(schema()).is_valid({"heartbeat": heartbeat}) is good
