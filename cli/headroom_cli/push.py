"""`headroom push`: the operator's file into Parameter Store, after a look at what would change."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.text import Text

from headroom.config.document import Document
from headroom.config.file import read
from headroom.config.parameters import Action, Done, parameters, stored_keys, write
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.console import count

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = re.compile(r"(/[A-Za-z0-9_.-]+)+")
STYLES = {Action.CREATED: "green", Action.UPDATED: "yellow", Action.DELETED: "red"}
CHANGES = frozenset(STYLES)


class Push:
    """What the file says against what is stored under the prefix."""

    def __init__(self, client: SSMClient, written: Document, prefix: str, *, prune: bool) -> None:
        """Check everything; keys may be stored already. Raises ConfigError, ConfigUnavailable."""
        self._client = client
        self._prefix = prefix
        self._prune = prune
        self._wanted = parameters(written, keys=stored_keys(client, prefix))

    def plan(self) -> list[Done]:
        """What `apply` would do, by the same steps without the writing."""
        untouched: Any = _Untouched(self._client)
        return write(untouched, self._prefix, self._wanted, prune=self._prune)

    def apply(self) -> list[Done]:
        """Write what differs."""
        return write(self._client, self._prefix, self._wanted, prune=self._prune)

    def show(self, console: Console, plan: list[Done]) -> None:
        """Print a line for each parameter."""
        secure = {parameter.name for parameter in self._wanted if parameter.secure}
        for done in plan:
            kind = "SecureString" if done.name in secure else ""
            line = f"{done.action:<10} {self._prefix}/{done.name:<28} {kind}".rstrip()
            console.print(Text(line, style=STYLES.get(done.action, "dim")))


class _Untouched:
    """Parameter Store to read from; what is written to it goes nowhere."""

    def __init__(self, client: SSMClient) -> None:
        self.get_paginator = client.get_paginator

    def put_parameter(self, **_: object) -> None:
        """Write nothing."""

    def delete_parameter(self, **_: object) -> None:
        """Delete nothing."""


def parameter_store() -> SSMClient:
    """Parameter Store of the AWS account and region that the environment names."""
    try:
        return boto3.Session().client("ssm")
    except BotoCoreError as error:
        raise ConfigUnavailable(f"AWS: {error} (set AWS_REGION, and AWS_PROFILE)") from None


def push(
    console: Console,
    client: Callable[[], SSMClient],
    config: Path,
    prefix: str,
    *,
    dry_run: bool,
    prune: bool,
    agreed: Callable[[str], bool],
) -> None:
    """Show what would change, ask (`agreed`), and do it. Raises ConfigError, ConfigUnavailable."""
    if not PREFIX.fullmatch(prefix):
        raise ConfigError("--prefix", f"{prefix!r} is no path: give one such as /headroom/prod")
    written = read(config, os.environ.get)
    parameters(written, keys=_named_keys(written))  # mistakes in the file first: AWS may wait
    work = Push(client(), written, prefix, prune=prune)
    plan = work.plan()
    work.show(console, plan)
    changes = sum(done.action in CHANGES for done in plan)
    if not changes:
        console.print("nothing to write: everything is stored as it is written")
    elif dry_run:
        console.print(f"{count(changes, 'parameter')} would be written; this was a dry run")
    elif agreed(f"write {count(changes, 'parameter')} under {prefix}?"):
        work.apply()
        console.print(f"{count(changes, 'parameter')} written; checks read them within 5 minutes")


def _named_keys(written: Document) -> set[str]:
    """Every key that the file speaks of: whether Parameter Store has them is not known yet."""
    parts = (written.defaults, *written.projects.values())
    named = {part.content.get("api_key") for part in parts if isinstance(part.content, Mapping)}
    return {"default", *(name for name in named if isinstance(name, str))}
