"""From the sections of the operator's file to the document, secrets looked up on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import SecretStr

from headroom.config.pasted import ENVIRONMENT, meant_variable, pasted
from headroom.config.raw import SECTIONS, Document, Part, key_problem
from headroom.config.types import NAME
from headroom.config.wording import kind_of, named, suggestion
from headroom.errors import ConfigUnavailable

Secrets = Callable[[str], str | None]
"""Looks up NAME of a value `env:NAME`; None when it is not set."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


class _NotSet(ValueError):
    """A value is to be looked up, and there is nothing."""


def document(whole: object, name: str, secrets: Secrets | None, version: int) -> Document:
    """What the file holds, by section. `name` is told in errors. Raises ConfigUnavailable."""
    if not isinstance(whole, dict):
        raise ConfigUnavailable(f"{name}: expected {', '.join(SECTIONS)}, found {kind_of(whole)}")
    for section in whole:
        _check_section(name, section)
    keys, bad_keys = _keys(_entries(whole, "keys", name), secrets)
    channels = _entries(whole, "channels", name)
    heartbeat = whole.get("heartbeat")
    return Document(
        defaults=Part({} if whole.get("defaults") is None else whole["defaults"], version=version),
        projects={
            str(key): _project(key, value, version)
            for key, value in _entries(whole, "projects", name).items()
        },
        channels={str(key): _with_secrets(value, secrets) for key, value in channels.items()},
        keys=keys,
        bad_keys=bad_keys,
        # An empty mapping says that there is none, as it does of channels and keys.
        heartbeat=None if heartbeat in (None, {}) else _with_secrets(heartbeat, secrets),
        sections=frozenset(section for section in SECTIONS if whole.get(section) is not None),
    )


def _check_section(name: str, section: object) -> None:
    if section == "groups":
        raise ConfigUnavailable(f'{name}: "groups" is not supported yet')
    if section not in SECTIONS:
        hint = suggestion(str(section), SECTIONS)
        raise ConfigUnavailable(f'{name}: unknown section "{named(str(section))}": {hint}')


def _entries(whole: Mapping[object, object], section: str, name: str) -> dict[object, object]:
    entries = whole.get(section)
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        raise ConfigUnavailable(
            f"{name}: {section}: expected names with something under each, found {kind_of(entries)}"
        )
    return entries


def _project(name: object, content: object, version: int) -> Part:
    if not isinstance(name, str):
        return Part(problem="a project's name is text: put it in quotes", version=version)
    return Part(content, version=version)


def _with_secrets(content: object, secrets: Secrets | None) -> Part:
    if not isinstance(content, dict):
        return Part(content)
    found = {}
    for key, value in content.items():
        try:
            found[key] = _looked_up(value, secrets)
        except _NotSet as error:
            return Part(problem=f"{named(str(key))}: {error}")
    return Part(found)


def _keys(
    entries: Mapping[object, object], secrets: Secrets | None
) -> tuple[dict[str, SecretStr], dict[str, str]]:
    good: dict[str, SecretStr] = {}
    bad: dict[str, str] = {}
    for name, written in entries.items():
        try:
            value = _looked_up(written, secrets)
        except _NotSet as error:
            bad[str(name)] = str(error)
            continue
        if not NAME.fullmatch(str(name)):
            bad[str(name)] = "a key's name has at most 64 letters, digits, dots, - and _"
        elif problem := key_problem(value):
            bad[str(name)] = problem
        else:
            good[str(name)] = SecretStr(pasted(str(value)))
    return good, bad


def _looked_up(value: object, secrets: Secrets | None) -> object:
    if isinstance(value, dict) and list(value) == [ENVIRONMENT[:-1]]:
        raise _NotSet('write "env:NAME" as one word, without a blank behind the colon')
    if not isinstance(value, str):
        return value
    if meant := meant_variable(value):
        raise _NotSet(f"write env:{named(meant)} to read the environment variable")
    if not pasted(value).startswith(ENVIRONMENT):
        return value
    name = pasted(value).removeprefix(ENVIRONMENT)
    if not _VARIABLE.fullmatch(name):  # not repeated: it may be the secret itself
        raise _NotSet("env: stands before the name of a variable: letters, digits and _")
    found = pasted((secrets and secrets(name)) or "")
    if found:
        return found
    raise _NotSet(f"the environment variable {named(name)} is not set")
