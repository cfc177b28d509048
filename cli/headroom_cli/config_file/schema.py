"""The JSON Schema of the operator's file, for editors: `headroom schema`."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from headroom.config.channels import OneChannel
from headroom.config.models import (
    DefaultsModel,
    GroupModel,
    HeartbeatModel,
    NoHeartbeat,
    ProjectModel,
    RuleModel,
)
from headroom.config.types import Name
from headroom.config.validation import Written


class Project(ProjectModel):
    """One PolyAI project that is watched."""

    rules: dict[Name, RuleModel] = Field(
        min_length=1, description=ProjectModel.model_fields["rules"].description
    )


class Group(GroupModel):
    """Lines of several projects that share a limit."""

    rules: dict[Name, RuleModel] = Field(
        min_length=1, description=GroupModel.model_fields["rules"].description
    )


class AlertsFile(Written):
    """Headroom's configuration in one file."""

    defaults: DefaultsModel = Field(
        default_factory=DefaultsModel,
        description="What holds for every project that does not say otherwise.",
    )
    projects: dict[Name, Project] = Field(
        {}, description="The PolyAI projects to watch, by the names that notices use."
    )
    groups: dict[Name, Group] = Field(
        {}, description="Lines of several projects that share a limit, by the names of notices."
    )
    channels: dict[Name, OneChannel] = Field(
        {}, description="Places where notices go, by the names that projects use."
    )
    keys: dict[Name, Annotated[str, Field(min_length=1, examples=["env:POLYAI_KEY"])]] = Field(
        {},
        description="PolyAI API keys by name; `default` is used unless a project names another.",
    )
    heartbeat: HeartbeatModel | NoHeartbeat = Field(
        default_factory=NoHeartbeat,
        description="Who is called after each complete check, to notice when Headroom is silent.",
    )


class _ForEditors(GenerateJsonSchema):
    """Without what only Python sees (nulls, defaults, titles), and with what people ask."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 -- pydantic's hook
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        made.pop("propertyNames", None)
        return made | {"additionalProperties": False}


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **AlertsFile.model_json_schema(schema_generator=_ForEditors),
    }


def text() -> str:
    """As `docs/alerts.schema.json` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
