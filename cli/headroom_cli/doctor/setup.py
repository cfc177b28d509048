"""What operators wrote, from Parameter Store or a file, and how each mistake in it is fixed."""

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
from headroom_cli.local import unset

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

SECRETS = ("channels/", "keys/", "heartbeat")
"""Parameters that must be SecureStrings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The whole configuration as it was read just now."""

    place: str
    """As in `under /headroom/prod`."""
    document: RawConfig
    configuration: Configuration
    plain: tuple[str, ...] = ()
    """Parameters with a secret that everybody may read who may read parameters."""
    fix: str
    """How to put a fixed configuration in force."""
    publish: str
    """How to put a configuration in force that lacks nothing but projects."""
    new_key: Callable[[str], str]
    """How to change the API key of that name."""
    forget: Callable[[str], str] = str
    """How to delete a parameter that Headroom does not know."""

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:  # noqa: ARG002 (all was read just now)
        """For `PolyAI`: see `polyai.errand.Keys`."""
        if name not in self.document.keys:
            raise ConfigError(f"keys.{name}", "there is no API key of this name")
        return self.document.keys[name]


def of_stack(client: SSMClient, prefix: str, kms_key: str = "") -> Setup:
    """Everything under the prefix; `kms_key` encrypts the secrets. Raises ConfigUnavailable."""
    found = stored(client, prefix)
    written, configuration = in_force(found, History(client, prefix))
    own = f" --kms-key {kms_key}" if kms_key else ""
    put = f"aws ssm put-parameter --type SecureString --overwrite{own.replace('kms-key', 'key-id')}"
    push = f"headroom push --config alerts.yaml --prefix {prefix}{own}"
    return Setup(
        place=f"under {prefix}",
        document=written,
        configuration=configuration,
        plain=tuple(p.name for p in found if not p.secure and p.name.startswith(SECRETS)),
        fix=f"fix it in your file, then: {push}",
        publish=push,
        new_key=lambda name: f'read -rs KEY; {put} --name {prefix}/keys/{name} --value "$KEY"',
        forget=lambda name: f"aws ssm delete-parameter --name {quote(f'{prefix}/{name}')}",
    )


def of_file(path: Path, secrets: Callable[[str], str | None]) -> Setup:
    """One file; `secrets` looks up `env:NAME`. Raises ConfigUnavailable, ConfigError."""
    written = read(path, secrets)
    missing = unset(path, secrets)
    fix = f"fix it in {path}; headroom watch reads it again by itself"
    export = f"export {', '.join(missing)} and start headroom watch again, or " if missing else ""
    return Setup(
        place=f"in {path}",
        document=written,
        configuration=resolve(written),
        fix=f"{export}{fix}",
        publish=fix,
        new_key=lambda name: f"give the new key where {path} names it, under keys: {name}",
    )
