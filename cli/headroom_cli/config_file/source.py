"""The configuration from one YAML file, for a laptop and for `push`."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from headroom.config.port import Configuration
from headroom.config.raw import Document
from headroom.config.resolve import resolve
from headroom.errors import ConfigError, ConfigUnavailable
from headroom_cli.config_file import yaml_loader
from headroom_cli.config_file.sections import Secrets, document

Hold = Callable[[Configuration, Configuration, int], str]
"""Why an edit is not taken up, '' when it is: by what is in force, what the file says now, and when
it was changed (milliseconds since 1970)."""


@dataclass(frozen=True, slots=True)
class _Kept:
    raw: bytes = field(repr=False)
    version: int
    document: Document
    configuration: Configuration


class FileSource:
    """A `Source` over a YAML file, read anew by every load.

    `secrets` looks up the values `env:NAME` of keys and channels; `installation` becomes part of
    every fingerprint. When the file cannot be read later on, or `hold` gives a reason against an
    edit, what is known stays in force, and `Configuration.unread` says why.
    """

    def __init__(
        self,
        path: Path,
        secrets: Secrets | None = None,
        *,
        installation: str = "",
        hold: Hold | None = None,
    ) -> None:
        self._path = path
        self._secrets = secrets
        self._installation = installation
        self._hold = hold
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
        if self._kept is None or self._kept.raw != raw:
            version = max(changed, self._kept.version + 1 if self._kept else 0)
            written = _parsed(self._path, raw, self._secrets, version)
            edited = _Kept(raw, version, written, resolve(written, self._installation))
            if self._kept and self._hold:
                why = self._hold(self._kept.configuration, edited.configuration, changed)
                if why:
                    raise ConfigUnavailable(f"{self._path}: {why}")
            self._kept = edited
        return self._kept


def read(path: Path, secrets: Secrets | None = None) -> Document:
    """The file, not yet checked. Raises ConfigUnavailable when it cannot be read as a whole."""
    raw, changed = _bytes(path)
    return _parsed(path, raw, secrets, changed)


def _parsed(path: Path, raw: bytes, secrets: Secrets | None, version: int) -> Document:
    return document(yaml_loader.load(raw, str(path)), str(path), secrets, version)


def _bytes(path: Path) -> tuple[bytes, int]:
    """The file's bytes (one more than it may have at most) and when it changed, in milliseconds."""
    try:
        with path.open("rb") as file:
            changed = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
            return file.read(yaml_loader.LARGEST + 1), changed
    except OSError as error:
        raise ConfigUnavailable(f"{path} could not be read: {error.strerror}") from error
