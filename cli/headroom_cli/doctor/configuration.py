"""The operator's configuration, from Parameter Store or a file, and how to fix mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.last_good import History, in_force
from headroom.config.parameter_store import stored
from headroom.config.raw import RawConfig
from headroom.config.resolve import resolve
from headroom.errors import ConfigError
from headroom_cli.config_file.source import read
from headroom_cli.laptop.application import unset_variables

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SECRETS = ("channels/", "keys/", "heartbeat")
"""Parameters that must be SecureStrings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConfig:
    """The whole configuration, read a moment ago."""

    place: str
    """Such as `under /headroom/prod`."""
    document: RawConfig
    configuration: Configuration
    plain: tuple[str, ...] = ()
    """Parameters that store a secret in plain text."""
    fix: str
    """How to correct a mistake and apply it."""
    publish: str
    """How to add the first project."""
    new_key: Callable[[str], str]
    """How to replace the API key of a name."""
    forget: Callable[[str], str] = str
    """How to delete a parameter."""
    unset: tuple[str, ...] = ()
    """Environment variables that a file names, and that are not set."""

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:  # noqa: ARG002 (everything was read a moment ago)
        """For `PolyAI`: see `polyai.retries.Keys`."""
        if name not in self.document.keys:
            raise ConfigError(f"keys.{name}", "there is no API key of this name")
        return self.document.keys[name]


def of_stack(client: SSMClient, prefix: str, kms_key: str = "") -> OperatorConfig:
    """Read everything under a prefix; `kms_key` encrypts the secrets. Raises ConfigUnavailable."""
    found = stored(client, prefix)
    written, configuration = in_force(found, History(client, prefix))
    own = f" --kms-key {kms_key}" if kms_key else ""
    put = f"aws ssm put-parameter --type SecureString --overwrite{own.replace('kms-key', 'key-id')}"
    push = f"headroom push --config alerts.yaml --prefix {prefix}{own}"
    return OperatorConfig(
        place=f"under {prefix}",
        document=written,
        configuration=configuration,
        plain=tuple(p.name for p in found if not p.secure and p.name.startswith(SECRETS)),
        fix=f"fix it in your file, then: {push}",
        publish=push,
        new_key=lambda name: f'read -rs KEY; {put} --name {prefix}/keys/{name} --value "$KEY"',
        forget=lambda name: f"aws ssm delete-parameter --name {quote(f'{prefix}/{name}')}",
    )


def of_file(path: Path, secrets: Callable[[str], str | None]) -> OperatorConfig:
    """Read one file; `secrets` looks up `env:NAME`. Raises ConfigUnavailable, ConfigError."""
    written = read(path, secrets)
    fix = f"fix it in {path}; a running headroom watch reads it again"
    return OperatorConfig(
        place=f"in {path}",
        document=written,
        configuration=resolve(written),
        fix=fix,
        publish=fix,
        new_key=lambda name: f"set the key that {path} names under keys: {name}",
        unset=tuple(unset_variables(path, secrets)),
    )
