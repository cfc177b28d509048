"""From the checked file to the parameters in SSM, each written only when it differs.

Limits: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
(4 KB standard, 8 KB advanced; Intelligent-Tiering takes whichever a value needs).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from headroom.config.parameter_store import Stored, clean_prefix, reason, stored
from headroom.config.raw import RawConfig
from headroom.config.resolve import problems
from headroom.config.shared import shared_config
from headroom.config.wording import listed, named
from headroom.errors import ConfigError, ConfigUnavailable

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


LARGEST = 8192
"""Bytes in one parameter's value."""


class _OwnKey(TypedDict, total=False):
    KeyId: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter to be; `name` is relative to the prefix."""

    name: str
    value: SecretStr
    secure: bool
    """SecureString, for channels, keys and the heartbeat."""


class Action(StrEnum):
    """What was done about one parameter."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    EXTRA = "extra"
    """In SSM and not in the file; left alone."""
    DELETED = "deleted"
    """The same, with `prune`."""


@dataclass(frozen=True, slots=True)
class Done:
    """One line of what `write` did."""

    name: str
    action: Action


def parameters(
    document: RawConfig, there: RawConfig | None = None, *, prune: bool = False
) -> list[Parameter]:
    """The document as parameters, in the order in which they are to be written.

    `there` is what SSM holds already, so that a file need not hold everything; `prune`: what the
    file's sections lack will be deleted. Raises ConfigError with everything that is invalid, one
    project or part a line.
    """
    check(document, there or RawConfig(), prune=prune)
    heartbeat = document.heartbeat
    made = [
        *(_secret(f"keys/{name}", key.get_secret_value()) for name, key in document.keys.items()),
        *(
            _secret(f"channels/{name}", _json(part.content))
            for name, part in document.channels.items()
        ),
        *([_secret("heartbeat", _json(heartbeat.content))] if heartbeat else []),
        *(
            [Parameter("defaults", SecretStr(_json(document.defaults.content)), secure=False)]
            if "defaults" in document.sections
            else []
        ),
        *(
            Parameter(f"{section}/{name}", SecretStr(_json(part.content)), secure=False)
            for section, entries in (("projects", document.projects), ("groups", document.groups))
            for name, part in entries.items()
        ),
    ]
    for parameter in made:
        _check_size(parameter)
    return made


def write(
    client: SSMClient,
    prefix: str,
    wanted: Sequence[Parameter],
    *,
    sections: Collection[str] = (),
    prune: bool = False,
    kms_key: str | None = None,
) -> list[Done]:
    """Put what differs, and with `prune` delete what the file no longer has.

    Only `sections`, those that the file has, are looked through for that: one without keys leaves
    all keys alone. `kms_key` (id, ARN or alias) encrypts what is put, in place of `aws/ssm`. Raises
    ConfigUnavailable at the first refusal; what was written before stays, and a repeat goes on.
    """
    prefix = clean_prefix(prefix)
    there = {parameter.name: parameter for parameter in stored(client, prefix)}
    done = [
        Done(new.name, _put(client, prefix, new, there.get(new.name), kms_key)) for new in wanted
    ]
    for name in _extra(there, wanted, sections):
        if prune:
            _delete(client, f"{prefix}/{name}")
        done.append(Done(name, Action.DELETED if prune else Action.EXTRA))
    return done


def _secret(name: str, value: str) -> Parameter:
    return Parameter(name, SecretStr(value), secure=True)


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def _check_size(parameter: Parameter) -> None:
    size = len(parameter.value.get_secret_value().encode())
    if size > LARGEST:
        raise ConfigError(
            parameter.name.replace("/", "."),
            f"it takes {size:,} bytes, and one parameter holds {LARGEST:,}: split it",
        )


def _put(
    client: SSMClient, prefix: str, new: Parameter, old: Stored | None, kms_key: str | None
) -> Action:
    secure = new.secure or (old is not None and old.secure)
    if old and old.secure == secure and old.value == new.value.get_secret_value():
        return Action.UNCHANGED
    if old and old.secure != secure:
        # A parameter's type cannot be changed: HierarchyTypeMismatchException.
        _delete(client, f"{prefix}/{new.name}")
    own: _OwnKey = {"KeyId": kms_key} if secure and kms_key else {}
    try:
        client.put_parameter(
            Name=f"{prefix}/{new.name}",
            Value=new.value.get_secret_value(),
            Type="SecureString" if secure else "String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
            **own,
        )
    except (ClientError, BotoCoreError) as error:
        raise _not_written(f"{prefix}/{new.name}", error) from None
    return Action.UPDATED if old else Action.CREATED


def _delete(client: SSMClient, name: str) -> None:
    try:
        client.delete_parameter(Name=name)
    except (ClientError, BotoCoreError) as error:
        raise _not_written(name, error) from None


def _not_written(name: str, error: ClientError | BotoCoreError) -> ConfigUnavailable:
    return ConfigUnavailable(f"{name} could not be written: {reason(error)}")


def _extra(
    there: Collection[str], wanted: Sequence[Parameter], sections: Collection[str]
) -> Iterator[str]:
    """Names in SSM that the file lacks, groups first: what they name goes after them."""
    names = {parameter.name for parameter in wanted}
    for section in ("groups", "projects", "channels", "keys"):
        if section in sections:
            yield from sorted(
                name for name in there if name.startswith(f"{section}/") and name not in names
            )
    if "heartbeat" in sections and "heartbeat" in set(there) - names:
        yield "heartbeat"


T = TypeVar("T")


def check(written: RawConfig, there: RawConfig, *, prune: bool = False) -> None:
    """Look at the file together with what is stored. Raises ConfigError with every problem a line.

    What is stored and was invalid before is reported only where the file builds on it.
    """
    found = list(_own(written))
    if not shared_config(written).defaults_problems:
        found += _refused(written, there, prune=prune)
    if found:
        lines = "\n".join(f"- {line}" for line in dict.fromkeys(found))
        raise ConfigError("the file", f"invalid\n{lines}")


def outcome(written: RawConfig, there: RawConfig, *, prune: bool) -> RawConfig:
    """The document after the push: sections that the file lacks stay as they are."""
    pruned = written.sections if prune else frozenset[str]()

    def after(section: str, new: Mapping[str, T], old: Mapping[str, T]) -> dict[str, T]:
        return {**({} if section in pruned else old), **new}

    keys = after("keys", written.keys, there.keys)
    bad = after("keys", written.bad_keys, there.bad_keys)
    return replace(
        there,
        defaults=written.defaults if "defaults" in written.sections else there.defaults,
        projects=after("projects", written.projects, there.projects),
        groups=after("groups", written.groups, there.groups),
        channels=after("channels", written.channels, there.channels),
        keys=keys,
        heartbeat=written.heartbeat or (None if "heartbeat" in pruned else there.heartbeat),
        bad_keys={name: why for name, why in bad.items() if name not in written.keys},
    )


def _own(written: RawConfig) -> Iterator[str]:
    """What is wrong with the file whatever is stored."""
    shared = shared_config(written)
    yield from (str(problem) for problem in shared.defaults_problems)
    yield from (f"keys.{named(name)}: {problem}" for name, problem in shared.bad_keys.items())
    for name, bad in shared.bad_channels.items():
        yield f"channels.{named(name)}: {bad.told}"
    if shared.bad_heartbeat:
        yield str(shared.bad_heartbeat)


def _refused(written: RawConfig, there: RawConfig, *, prune: bool) -> Iterator[str]:
    """Projects of the file that cannot be used, and stored ones that could be until now."""
    before = problems(there)
    for name, found in problems(outcome(written, there, prune=prune)).items():
        if name in written.projects or name in written.groups:
            yield listed(found)
        elif name not in before:
            what = "group" if name in there.groups else "project"
            yield f"{listed(found)} (this {what} is stored: put it in the file too, or --prune)"
