"""The example file with the demo's addresses and keys in place of real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from headroom.config.document import Document, Part
from headroom.domain.rules import DEFAULT_CHANNEL


def made_up(name: str) -> str:
    """Derive an API key or a routing key from a name: 32 letters and digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


class DemoConfig:
    """The file's projects, and the address or key of each channel."""

    def __init__(self, written: Document) -> None:
        self._written = written
        self.projects: dict[str, Mapping[str, Any]] = {
            name: {**_content(written.defaults), **_content(part)}
            for name, part in written.projects.items()
        }
        """Projects with the defaults filled in."""
        types = {name: str(_content(part)["type"]) for name, part in written.channels.items()}
        self.kinds = {**types, DEFAULT_CHANNEL: "sns"}
        """Each channel's type."""
        self.hooks = {made_up(name): name for name, kind in types.items() if kind == "slack"}
        """The last segment of a webhook's path: the channel."""
        self.routing_keys = {
            made_up(name): name for name, kind in types.items() if kind == "pagerduty"
        }

    def document(self, inbox_url: str) -> Document:
        """Return the configuration with the demo's addresses and keys."""
        names = {*self._written.keys, *self._written.bad_keys, "default"}
        return replace(
            self._written,
            channels={
                name: Part(self._channel(name, inbox_url)) for name in self._written.channels
            },
            keys={name: SecretStr(made_up(name)) for name in names},
            bad_keys={},
        )

    def _channel(self, name: str, inbox_url: str) -> Mapping[str, str]:
        kind = self.kinds[name]
        if kind == "slack":
            return {"type": kind, "webhook_url": f"{inbox_url}/services/T000/B000/{made_up(name)}"}
        return {"type": kind, "routing_key": made_up(name), "api_url": inbox_url}


def _content(part: Part) -> dict[str, Any]:
    return part.content if isinstance(part.content, dict) else {}
