"""Builders of what operators write: good unless told otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.parameter_store import stored
from headroom.config.raw import SECTIONS, RawConfig, RawEntry, from_parameters, json_entry
from headroom.config.resolve import problems, resolve
from headroom.config.wording import listed
from headroom.domain.rules import InvalidProject, Project

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

WEBHOOK = "https://hooks.slack.com/services/T0/B0/sesame"
SLACK = {"type": "slack", "webhook_url": WEBHOOK}
PAGER = {"type": "pagerduty", "routing_key": "k" * 32}
RULE = {"warning": ">= 80%", "critical": ">= 95%"}
GONE = object()
"""A value that leaves its key out."""


def a_project(**changes: object) -> dict[str, Any]:
    project = {
        "region": "uk-1",
        "account_id": "acme-uk",
        "project_id": "acme-team-4",
        "limit": 120,
        "rules": {"near-limit": RULE},
    }
    return {key: value for key, value in {**project, **changes}.items() if value is not GONE}


def a_rule(**changes: object) -> dict[str, Any]:
    """A project with one rule."""
    rule = {key: value for key, value in {**RULE, **changes}.items() if value is not GONE}
    return a_project(rules={"near-limit": rule})


def part(content: object, version: int = 1) -> RawEntry:
    return json_entry(json.dumps(content), version)


def a_document(
    projects: Mapping[str, object],
    defaults: object = None,
    channels: Mapping[str, object] | None = None,
    keys: tuple[str, ...] = ("default",),
    groups: Mapping[str, object] | None = None,
) -> RawConfig:
    return RawConfig(
        defaults=part(defaults or {}, 10),
        projects={name: part(content) for name, content in projects.items()},
        groups={name: part(content) for name, content in (groups or {}).items()},
        channels={
            name: part(content)
            for name, content in (channels or {"ops-slack": SLACK, "on-call": PAGER}).items()
        },
        keys=dict.fromkeys(keys, SecretStr("the-key")),
        sections=frozenset(SECTIONS) - (frozenset() if keys else {"keys"}),
    )


def resolved(content: object, **shared: Any) -> Project | InvalidProject:  # noqa: ANN401 -- as a_document's
    """What becomes of one project, `line`."""
    configuration = resolve(a_document({"line": content}, **shared))
    project = configuration.projects.get("line")
    return project or configuration.invalid["line"]


def good(content: object, **shared: Any) -> Project:  # noqa: ANN401 -- as a_document's
    project = resolved(content, **shared)
    assert isinstance(project, Project), project
    return project


def invalid_project(content: object, **shared: Any) -> InvalidProject:  # noqa: ANN401 -- as a_document's
    project = resolved(content, **shared)
    assert isinstance(project, InvalidProject), project
    return project


def wrong(content: object, **shared: Any) -> str:  # noqa: ANN401 -- as a_document's
    """What `push` says of one project, `line`."""
    return listed(problems(a_document({"line": content}, **shared))["line"])


def faults_of(configuration: Configuration) -> dict[str, str]:
    """The text of every fault, by its place."""
    return {place: fault.told for place, fault in configuration.faults.items()}


def what_is_stored(client: SSMClient, prefix: str) -> RawConfig:
    """What SSM holds, as the function reads it."""
    return from_parameters(stored(client, prefix))
