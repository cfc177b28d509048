"""From the file to Parameter Store and back: what is written, and what is left alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from headroom.config.raw import SECTIONS, RawConfig
from headroom.config.resolve import resolve
from headroom.config.ssm_source import SsmSource
from headroom.errors import ConfigError
from headroom_cli.config_file.publish import Action, Done, parameters, write
from headroom_cli.config_file.source import read
from tests.unit.config.documents import a_document, a_project, part, what_is_stored

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/headroom/test"
EXAMPLE = Path(__file__).parents[3] / "examples/alerts.yaml"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[SSMClient]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-west-2")


def example() -> RawConfig:
    secrets = {
        "OPS_SLACK_URL": "https://hooks.slack.com/services/x",
        "ON_CALL_KEY": "k" * 32,
        "POLYAI_KEY": "polyai-key-1",
        "POLYAI_KEY_EUROPE": "polyai-key-2",
    }
    return read(EXAMPLE, secrets.get)


def actions(done: list[Done]) -> dict[str, Action]:
    return {each.name: each.action for each in done}


def test_what_was_pushed_is_what_is_read(client: SSMClient) -> None:
    """The whole example, through Parameter Store, but for the versions."""
    document = example()
    done = write(client, PREFIX, parameters(document))
    assert {each.action for each in done} == {Action.CREATED}
    configuration = asyncio.run(SsmSource(client, PREFIX, ttl=0, clock=lambda: 0.0).load())
    expected = resolve(document)
    assert not configuration.invalid
    assert not configuration.ignored
    assert configuration.channels == expected.channels
    assert {n: replace(p, version=0, changed=0) for n, p in configuration.projects.items()} == {
        n: replace(p, version=0, changed=0) for n, p in expected.projects.items()
    }


def test_secrets_are_stored_encrypted_and_shown_nowhere(client: SSMClient) -> None:
    wanted = parameters(example())
    assert "k" * 32 not in repr(wanted)
    write(client, PREFIX, wanted)
    for parameter in wanted:
        sort = client.get_parameter(Name=f"{PREFIX}/{parameter.name}")["Parameter"]["Type"]
        secret = parameter.name.startswith(("channels/", "keys/"))
        assert sort == ("SecureString" if secret else "String")


def test_only_what_differs_is_written(client: SSMClient) -> None:
    document = a_document({"a": a_project(), "b": a_project()})
    write(client, PREFIX, parameters(document))
    edited = replace(document, projects={"a": part(a_project()), "b": part(a_project(limit=60))})
    found = actions(write(client, PREFIX, parameters(edited)))
    assert found.pop("projects/b") is Action.UPDATED
    assert set(found.values()) == {Action.UNCHANGED}
    version = client.get_parameter(Name=f"{PREFIX}/projects/a")["Parameter"]["Version"]
    assert version == 1


def test_what_the_file_no_longer_has_is_reported_and_deleted_only_when_asked(
    client: SSMClient,
) -> None:
    write(client, PREFIX, parameters(a_document({"a": a_project(), "b": a_project()})))
    client.put_parameter(Name=f"{PREFIX}/something-else", Value="x", Type="String")
    smaller = parameters(a_document({"a": a_project()}))
    extra = actions(write(client, PREFIX, smaller, sections=SECTIONS))
    assert extra["projects/b"] is Action.EXTRA
    deleted = actions(write(client, PREFIX, smaller, sections=SECTIONS, prune=True))
    assert deleted["projects/b"] is Action.DELETED
    assert "projects/b" not in actions(write(client, PREFIX, smaller, sections=SECTIONS))
    assert client.get_parameter(Name=f"{PREFIX}/something-else")


def test_keys_that_only_parameter_store_holds_are_taken_and_never_pruned(
    client: SSMClient,
) -> None:
    client.put_parameter(Name=f"{PREFIX}/keys/default", Value="polyai-key", Type="SecureString")
    document = a_document({"a": a_project()}, keys=())
    with pytest.raises(ConfigError, match='no API key "default"'):
        parameters(document)
    wanted = parameters(document, what_is_stored(client, PREFIX), prune=True)
    done = write(client, PREFIX, wanted, sections=document.sections, prune=True)
    assert "keys/default" not in actions(done)
    assert client.get_parameter(Name=f"{PREFIX}/keys/default")


def test_a_key_that_is_stored_in_plain_is_none(client: SSMClient) -> None:
    """The function would refuse it, so `push` does."""
    client.put_parameter(Name=f"{PREFIX}/keys/default", Value="polyai-key", Type="String")
    with pytest.raises(ConfigError, match="cannot be used: store it as a SecureString"):
        parameters(a_document({"a": a_project()}, keys=()), what_is_stored(client, PREFIX))


def test_secrets_are_encrypted_with_the_key_that_is_given(client: SSMClient) -> None:
    wanted = parameters(a_document({"a": a_project()}))
    write(client, PREFIX, wanted, kms_key="alias/our-own")
    described = client.describe_parameters()["Parameters"]
    assert {each["Name"]: each["KeyId"] for each in described if "KeyId" in each} == {
        f"{PREFIX}/{name}": "alias/our-own"
        for name in ("keys/default", "channels/ops-slack", "channels/on-call")
    }


def test_a_problem_that_projects_share_is_told_once() -> None:
    document = a_document(
        {"a": a_project(), "b": a_project()}, defaults={"channels": ["nobody-knows"]}
    )
    with pytest.raises(ConfigError) as refused:
        parameters(document)
    assert str(refused.value).count("nobody-knows") == 1


def test_a_secret_that_was_stored_in_plain_is_made_secure(client: SSMClient) -> None:
    """Parameter Store refuses to change a type: the parameter is made anew."""
    client.put_parameter(Name=f"{PREFIX}/keys/default", Value="the-key", Type="String")
    done = write(client, PREFIX, parameters(a_document({"a": a_project()})))
    assert actions(done)["keys/default"] is Action.UPDATED
    assert client.get_parameter(Name=f"{PREFIX}/keys/default")["Parameter"]["Type"] == (
        "SecureString"
    )


def test_nothing_is_pushed_that_would_be_refused() -> None:
    """All of it is told at once: projects, defaults, channels that nobody uses, keys."""
    document = a_document(
        {"line": a_project(region="eu"), "other": a_project(limit="x")},
        channels={"unused": {"type": "slack"}},
    )
    document = replace(document, bad_keys={"europe": "the environment variable X is not set"})
    with pytest.raises(ConfigError) as refused:
        parameters(document)
    told = str(refused.value)
    assert "\n- projects.line.region: 'eu'" in told
    assert "\n- projects.other.limit: expected" in told
    assert "\n- channels.unused: webhook_url: is missing" in told
    assert "\n- keys.europe: the environment variable X is not set" in told
    with pytest.raises(ConfigError, match="\n- defaults: unknown key"):
        parameters(a_document({}, defaults={"regon": "x"}))


def test_a_project_beyond_what_one_parameter_holds_is_refused_before_anything_is_written(
    client: SSMClient,
) -> None:
    rules = {f"rule-{n}": {"warning": ">= 5", "description": "x" * 400} for n in range(20)}
    with pytest.raises(ConfigError, match=r"projects\.line: it takes .* bytes"):
        parameters(a_document({"line": a_project(rules=rules)}))
    half = dict(list(rules.items())[:12])
    wanted = parameters(a_document({"line": a_project(rules=half)}))
    assert len(json.dumps(half)) > 4096
    assert actions(write(client, PREFIX, wanted))["projects/line"] is Action.CREATED
