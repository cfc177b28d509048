"""`headroom push`: show what would change in Parameter Store, ask, and write it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from headroom.config.parameter_store import clean_prefix, stored
from headroom.config.raw import RawConfig, from_parameters
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.aws import ENDPOINT, Aws
from headroom_cli.config_file.publish import Action, Done, parameters, write
from headroom_cli.config_file.source import named_keys, read
from headroom_cli.console import count
from headroom_cli.push.differences import differences
from headroom_cli.stack import resolve_stack

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = re.compile(r"(/[A-Za-z0-9_.-]+)+")
STYLES = {Action.CREATED: "green", Action.UPDATED: "yellow", Action.DELETED: "red"}
CHANGES = frozenset(STYLES)
REMARKS = {Action.EXTRA: "still in force; --prune deletes it"}


class Push:
    """The file compared with what is stored under the prefix."""

    def __init__(
        self,
        client: SSMClient,
        written: RawConfig,
        prefix: str,
        *,
        prune: bool,
        kms_key: str | None,
    ) -> None:
        """Validate the file together with what is stored. Raises ConfigError, ConfigUnavailable."""
        self._client = client
        self._prefix = prefix
        found = stored(client, clean_prefix(prefix))
        self._stored = {parameter.name: parameter for parameter in found}
        self._wanted = parameters(written, from_parameters(found), prune=prune)
        self._write = partial(
            write,
            prefix=prefix,
            wanted=self._wanted,
            sections=written.sections,
            prune=prune,
            kms_key=kms_key,
        )

    def plan(self) -> list[Done]:
        """Return what `apply` would do: the same steps without the writing."""
        read_only: Any = _ReadOnlyStore(self._client)
        return self._write(read_only)

    def apply(self) -> list[Done]:
        """Write the differences."""
        return self._write(self._client)

    def show(self, console: Console, plan: list[Done]) -> None:
        """Print a line for each parameter, and its changed fields below."""
        wanted = {parameter.name: parameter for parameter in self._wanted}
        for done in plan:
            new = wanted.get(done.name)
            remark = "SecureString" if new and new.secure else REMARKS.get(done.action, "")
            line = f"{done.action:<10} {self._prefix}/{done.name:<28} {remark}".rstrip()
            console.print(Text(line, style=STYLES.get(done.action, "dim")))
            if new and done.action is Action.UPDATED:
                for change in differences(self._stored[done.name], new):
                    console.print(Text(f"{'':<10}   {change}"))


class _ReadOnlyStore:
    """A Parameter Store client that discards writes."""

    def __init__(self, client: SSMClient) -> None:
        self.get_paginator = client.get_paginator

    def put_parameter(self, **_: object) -> None:
        """Write nothing."""

    def delete_parameter(self, **_: object) -> None:
        """Delete nothing."""


def parameter_store() -> SSMClient:
    """Return the client for the environment's AWS account and region.

    boto3 reads only AWS_DEFAULT_REGION; Lambda and the other SDKs use AWS_REGION: https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
    """
    try:
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None).client("ssm")
    except BotoCoreError as error:
        raise ConfigUnavailable(f"AWS: {error} (set AWS_REGION, and AWS_PROFILE)") from None
    except ValueError as error:
        raise ConfigUnavailable(f"AWS: {error}: {ENDPOINT}") from None


def stack_settings(name: str, prefix: str | None, kms_key: str | None) -> tuple[str, str | None]:
    """Return a stack's prefix and KMS key, unless they are given.

    Raises InvalidInput, ConfigUnavailable.
    """
    stack = resolve_stack(Aws(), name, prefix=prefix)
    return stack.prefix, kms_key or stack.parameters.get("KmsKeyArn") or None


def push(
    console: Console,
    client: Callable[[], SSMClient],
    config: Path,
    prefix: str,
    *,
    dry_run: bool,
    prune: bool,
    kms_key: str | None = None,
    agreed: Callable[[str], bool],
) -> None:
    """Show the changes, ask (`agreed`), and write them. Raises ConfigError, ConfigUnavailable."""
    prefix = _path(prefix)
    written = read(config, os.environ.get)
    _check_alone(written)
    work = Push(client(), written, prefix, prune=prune, kms_key=kms_key)
    plan = work.plan()
    work.show(console, plan)
    changes = _changes(plan)
    if not changes:
        console.print("nothing to write: everything is stored as in the file")
    elif dry_run:
        console.print(f"would {changes}; this was a dry run")
    elif agreed(f"{changes} under {prefix}?"):
        work.apply()
        console.print("done; checks use it once they read the configuration again")


def _path(prefix: str) -> str:
    """Return the prefix without a trailing slash. Raises ConfigError."""
    path = prefix.rstrip("/")
    if not PREFIX.fullmatch(path):
        raise ConfigError("--prefix", f"{prefix!r} is not a path: give one such as /headroom/prod")
    return path


def _changes(plan: list[Done]) -> str:
    """Format as `write 2 parameters and delete 1 parameter`; empty if there are no changes."""
    deleted = sum(done.action is Action.DELETED for done in plan)
    put = sum(done.action in CHANGES for done in plan) - deleted
    steps = (("write", put), ("delete", deleted))
    return " and ".join(f"{verb} {count(number, 'parameter')}" for verb, number in steps if number)


def _check_alone(written: RawConfig) -> None:
    """Report mistakes in the file before AWS is called. A partial file needs the stored parts."""
    if {"defaults", "projects", "channels"} <= written.sections:
        keys = dict.fromkeys(named_keys(written), SecretStr(""))
        parameters(written, RawConfig(keys=keys))
