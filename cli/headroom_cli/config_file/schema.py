"""The JSON Schema of the operator's file, for editors: `headroom schema`."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from headroom.config.heartbeat import HeartbeatModel, NoHeartbeat
from headroom.config.hover import HOVER
from headroom.config.models import ChannelModel, DefaultsModel, ProjectModel
from headroom.config.types import Name, kind
from headroom.config.validation import Written

_KEY = kind(str, type="string", minLength=1, examples=["env:POLYAI_KEY"])


class AlertsFile(Written):
    """Headroom's configuration in one file."""

    defaults: DefaultsModel | None = None
    projects: dict[Name, ProjectModel] = Field(default_factory=dict)
    channels: dict[Name, ChannelModel] = Field(
        default_factory=dict, description="Places where notices go, by the names that projects use."
    )
    keys: dict[Name, Annotated[str, *_KEY]] = Field(default_factory=dict)
    heartbeat: HeartbeatModel | NoHeartbeat | None = None


class _ForEditors(GenerateJsonSchema):
    """Without what only Python sees (nulls, defaults, titles), and with what people ask."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 -- pydantic's hook
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        made.pop("propertyNames", None)
        return made | {"additionalProperties": False}

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        for name, value in made["properties"].items():
            if "$ref" not in value:
                value.setdefault("description", HOVER[name])
        return made


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
