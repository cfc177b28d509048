"""The JSON Schema of the operator's file, for editors: `python -m headroom.config.schema`."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

from pydantic import Field

from headroom.config.fields import Name, kind
from headroom.config.models import ChannelModel, DefaultsModel, ProjectModel
from headroom.config.written import Written

_KEY = kind(str, type="string", minLength=1, examples=["env:POLYAI_KEY"])


class AlertsFile(Written):
    """Headroom's configuration in one file; docs/rules.md explains each key."""

    defaults: DefaultsModel | None = None
    projects: dict[Name, ProjectModel] = Field(default_factory=dict)
    channels: dict[Name, ChannelModel] = Field(default_factory=dict)
    keys: dict[Name, Annotated[str, *_KEY]] = Field(default_factory=dict)


def schema() -> dict[str, Any]:
    """The schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **AlertsFile.model_json_schema(),
    }


def text() -> str:
    """As `docs/alerts.schema.json` holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
