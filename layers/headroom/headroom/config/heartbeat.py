"""The heartbeat as operators write it: `heartbeat` in SSM, and in the file."""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr

from headroom.config.addresses import safe_address
from headroom.config.types import kind, secret_text
from headroom.config.validation import Written


def _address(value: object) -> SecretStr:
    return SecretStr(safe_address(secret_text(value)))


class HeartbeatModel(Written):
    """Whom to call after each complete check; whoever knows the address can keep it quiet."""

    url: Annotated[
        SecretStr,
        *kind(
            _address, type="string", pattern=r"^(https?://|env:)", examples=["env:HEARTBEAT_URL"]
        ),
    ]


class NoHeartbeat(Written):
    """An empty mapping: none is wanted, and `push --prune` deletes one that is stored."""
