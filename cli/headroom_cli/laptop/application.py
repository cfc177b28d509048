"""The pipeline on a laptop: configuration in a YAML file, state in SQLite, no AWS."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from headroom.app import App
from headroom.bootstrap import local, system_clock
from headroom.channels.console import Console
from headroom.config.pasted import pasted
from headroom.errors import SettingsError, StateUnavailable
from headroom.net.urls import safe_host
from headroom.ports import Deadline
from headroom.state.sqlite_stores import sqlite_stores
from headroom_cli.config_file.source import ADD_ONE, FileSource, Hold, Secrets, read
from headroom_cli.config_file.unusable import UnusableFile

LONGEST = 50.0
"""Seconds that one check may take: less than the minute between two checks."""


def state_path(config: Path) -> Path:
    """Return the default state file for a configuration.

    Each configuration has its own: projects that are not in a file count as removed.
    """
    place = hashlib.sha256(str(config.resolve()).encode()).hexdigest()[:8]
    return Path.home() / ".local" / "state" / "headroom" / f"{config.stem}-{place}.sqlite"


def installation(state: Path) -> str:
    """Name this installation: the machine and the place of its state file."""
    place = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]
    return f"watch.{socket.gethostname()}.{place}"


def unset_variables(config: Path, secrets: Secrets = os.environ.get) -> list[str]:
    """Return the environment variables that the file names but that are not set.

    Raises ConfigUnavailable, ConfigError.
    """
    missing: dict[str, None] = {}

    def look_up(name: str) -> str | None:
        value = secrets(name)
        if not pasted(value or ""):
            missing[name] = None
        return value

    read(config, look_up)
    return list(missing)


def file_source(config: Path, state: Path, hold: Hold | None = None) -> FileSource:
    """Return the file as a configuration source, for the installation that owns `state`."""
    return FileSource(config, os.environ.get, installation=installation(state), hold=hold)


@contextmanager
def application(
    config: Path,
    state: Path,
    write: Callable[[str], None],
    polyai_url: str | None,
    *,
    source: FileSource | None = None,
    beats: bool = False,
    dry_run: bool = False,
) -> Iterator[App]:
    """The wired pipeline; `write` prints the notices for the channel `default`.

    `source` replaces the plain reading of `config`. With `beats` each complete check calls the
    file's heartbeat. With `dry_run` the state is a copy and no channel is sent anything.

    Raises ConfigUnavailable if the file cannot be read or has no projects, and SettingsError if an
    API key may not be sent to `polyai_url`; both before anything is created.
    """
    host = polyai_host(polyai_url)
    if not read(config).projects:
        raise UnusableFile(f"{config} has no projects, so nothing is watched: {ADD_ONE}")
    source = source or file_source(config, state)
    with state_copy(state) if dry_run else _own_state(state) as file:
        app = local(
            source,
            sqlite_stores(file, system_clock),
            default=Console(write),
            polyai_url=host,
            clock=system_clock,
            beats=beats,
            muted=dry_run,
        )
        try:
            yield app
        finally:
            app.close()


@contextmanager
def _own_state(state: Path) -> Iterator[Path]:
    """The state file itself, in a folder that exists. Raises StateUnavailable."""
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateUnavailable(f"cannot create {state.parent}: {error.strerror}") from error
    yield state


def polyai_host(written: str | None) -> str | None:
    """Check the address that replaces PolyAI's. Raises SettingsError.

    The error does not repeat the address, which may contain a secret.
    """
    if written is None:
        return None
    try:
        return safe_host(written)
    except ValueError as error:
        raise SettingsError(f"--polyai-url (or HEADROOM_POLYAI_URL): {error}") from None


@contextmanager
def state_copy(state: Path) -> Iterator[Path]:
    """A temporary copy of the state, for readers that must not change it."""
    with tempfile.TemporaryDirectory(prefix="headroom-") as folder:
        copy = Path(folder) / "state.sqlite"
        if state.exists():
            shutil.copyfile(state, copy)
        yield copy


def deadline() -> Deadline:
    """Return the deadline of a check that starts now."""
    ends = time.monotonic() + LONGEST
    return Deadline(lambda: ends - time.monotonic())
