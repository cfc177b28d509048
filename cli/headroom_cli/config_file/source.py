"""The configuration from one YAML file, for a laptop and for `push`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import SecretStr

from headroom.config.configuration import Configuration
from headroom.config.pasted import ENVIRONMENT, key_problem, meant_variable, pasted
from headroom.config.raw import SECTIONS, RawConfig, RawEntry
from headroom.config.resolve import resolve
from headroom.config.types import is_name
from headroom.config.wording import kind_of, named, suggestion
from headroom.domain.lines import DEFAULT_KEY
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.calendars import last_day, utc_today, with_dates
from headroom_cli.config_file.unusable import UnusableFile

ADD_ONE = (
    "write a project, such as projects: {support-line: {region: uk-1, account_id: acme-uk, "
    'project_id: acme-support, limit: 120, rules: {near-limit: {critical: ">= 95%"}}}}'
)
"""What to write into a file without projects."""

Hold = Callable[[Configuration, Configuration, int], str]
"""Why an edit is not taken up, '' when it is: of what is in force, what the file says now, and when
it was changed (milliseconds since 1970)."""


@dataclass(frozen=True, slots=True)
class _Kept:
    raw: bytes = field(repr=False)
    version: int
    document: RawConfig
    configuration: Configuration
    until: date
    """Until when it holds the dates of calendars: in a new year it is read again."""


class FileSource:
    """A `Source` over a YAML file, read again by every load.

    `secrets` looks up the values `env:NAME` of keys and channels; `installation` becomes part of
    every fingerprint; `today` says which dates of public calendars are needed. When the file cannot
    be read later on, or `hold` gives a reason against an edit, what is known stays in force, and
    `Configuration.unread` says why.
    """

    def __init__(
        self,
        path: Path,
        secrets: Secrets | None = None,
        *,
        installation: str = "",
        hold: Hold | None = None,
        today: Callable[[], date] = utc_today,
    ) -> None:
        self._path = path
        self._secrets = secrets
        self._installation = installation
        self._hold = hold
        self._today = today
        self._kept: _Kept | None = None
        self.held = ""
        """Why the last load gave what was known before; '' when it gave what the file says."""

    async def load(self, *, fresh: bool = False) -> Configuration:  # noqa: ARG002 -- it always is
        """See `Source.load`."""
        kept, why = self._current()
        return kept.configuration.kept(why) if why else kept.configuration

    async def key(self, name: str, *, rejected: SecretStr | None = None) -> SecretStr:
        """See `Source.key`."""
        kept = self._kept
        if kept is None or rejected is not None:
            kept, _ = self._current()
        if name in kept.document.keys:
            return kept.document.keys[name]
        problem = kept.document.bad_keys.get(name, "there is no API key of this name")
        raise ConfigError(f"keys.{name}", problem)

    def _current(self) -> tuple[_Kept, str]:
        """What the file says, or what it said last and why it cannot be read now."""
        try:
            kept, self.held = self._read(), ""
        except ConfigUnavailable as error:
            if self._kept is None:
                raise
            kept, self.held = self._kept, str(error)
        return kept, self.held

    def _read(self) -> _Kept:
        raw, changed = _bytes(self._path)
        until = last_day(self._today())
        if self._kept is None or (self._kept.raw, self._kept.until) != (raw, until):
            version = max(changed, self._kept.version + 1 if self._kept else 0)
            written = with_dates(_parsed(self._path, raw, self._secrets, version), self._today())
            edited = _Kept(raw, version, written, resolve(written, self._installation), until)
            if self._kept and self._hold:
                why = self._hold(self._kept.configuration, edited.configuration, changed)
                if why:
                    raise UnusableFile(f"{self._path}: {why}")
            self._kept = edited
        return self._kept


def read(
    path: Path, secrets: Secrets | None = None, *, today: Callable[[], date] = utc_today
) -> RawConfig:
    """The file, not yet checked, with dates in place of the names of calendars.

    Raises UnusableFile when it cannot be read as a whole.
    """
    return with_dates(as_written(path, secrets), today())


def as_written(path: Path, secrets: Secrets | None = None) -> RawConfig:
    """The same with the names of calendars."""
    raw, changed = _bytes(path)
    return _parsed(path, raw, secrets, changed)


def named_keys(written: RawConfig) -> set[str]:
    """Every name of an API key that the file uses."""
    parts = (written.defaults, *written.projects.values())
    named = {part.content.get("api_key") for part in parts if isinstance(part.content, Mapping)}
    return {DEFAULT_KEY, *(name for name in named if isinstance(name, str))}


def _parsed(path: Path, raw: bytes, secrets: Secrets | None, version: int) -> RawConfig:
    return from_sections(yaml_loader.load(raw, str(path)), str(path), secrets, version)


def _bytes(path: Path) -> tuple[bytes, int]:
    """The file's bytes (one more than it may have at most) and when it changed, in milliseconds."""
    try:
        with path.open("rb") as file:
            changed = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
            return file.read(yaml_loader.LARGEST + 1), changed
    except OSError as error:
        raise UnusableFile(f"{path} could not be read: {error.strerror}") from error


Secrets = Callable[[str], str | None]
"""Looks up NAME of a value `env:NAME`; None when it is not set."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


class _NotSet(ValueError):
    """A value is to be looked up, and there is nothing."""


def from_sections(whole: object, name: str, secrets: Secrets | None, version: int) -> RawConfig:
    """What the file holds, by section. `name` is for errors. Raises UnusableFile."""
    if whole is None:
        raise UnusableFile(f"{name} is empty: {ADD_ONE}")
    if not isinstance(whole, dict):
        raise UnusableFile(f"{name}: expected {', '.join(SECTIONS)}, found {kind_of(whole)}")
    for section in whole:
        _check_section(name, section)
    keys, bad_keys = _keys(_entries(whole, "keys", name), secrets)
    channels = _entries(whole, "channels", name)
    heartbeat = whole.get("heartbeat")
    return RawConfig(
        defaults=RawEntry(
            {} if whole.get("defaults") is None else whole["defaults"], version=version
        ),
        projects={
            str(key): _judged(key, value, version, "project")
            for key, value in _entries(whole, "projects", name).items()
        },
        groups={
            str(key): _judged(key, value, version, "group")
            for key, value in _entries(whole, "groups", name).items()
        },
        channels={str(key): _with_secrets(value, secrets) for key, value in channels.items()},
        keys=keys,
        bad_keys=bad_keys,
        # An empty mapping says that there is none, as it does of channels and keys.
        heartbeat=None if heartbeat in (None, {}) else _with_secrets(heartbeat, secrets),
        sections=frozenset(section for section in SECTIONS if whole.get(section) is not None),
    )


def _check_section(name: str, section: object) -> None:
    if section not in SECTIONS:
        hint = suggestion(str(section), SECTIONS)
        raise UnusableFile(f'{name}: unknown section "{named(str(section))}": {hint}')


def _entries(whole: Mapping[object, object], section: str, name: str) -> dict[object, object]:
    entries = whole.get(section)
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        raise UnusableFile(
            f"{name}: {section}: expected names with something under each, found {kind_of(entries)}"
        )
    return entries


def _judged(name: object, content: object, version: int, what: str) -> RawEntry:
    if not isinstance(name, str):
        return RawEntry(problem=f"a {what}'s name is text: put it in quotes", version=version)
    return RawEntry(content, version=version)


def _with_secrets(content: object, secrets: Secrets | None) -> RawEntry:
    if not isinstance(content, dict):
        return RawEntry(content)
    found = {}
    for key, value in content.items():
        try:
            found[key] = _looked_up(value, secrets)
        except _NotSet as error:
            return RawEntry(problem=f"{named(str(key))}: {error}")
    return RawEntry(found)


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
        if not is_name(str(name)):
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
