"""The pipeline on a laptop: a file for the configuration, another for the state, no AWS."""

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
from headroom.config.addresses import safe_host
from headroom.config.pasted import pasted
from headroom.domain.rules import DEFAULT_CHANNEL
from headroom.errors import ConfigError, SettingsError, StateUnavailable
from headroom.state.sqlite import SqliteDeadLetters, SqliteState
from headroom_cli.config_file.source import FileSource, Hold, Secrets, read

LONGEST = 50.0
"""Seconds that one check may take: under the minute between two of them."""


def state_path(config: Path) -> Path:
    """Where the state of this file's projects is kept when nothing else is said.

    One for each configuration: to another, its projects would look removed.
    """
    place = hashlib.sha256(str(config.resolve()).encode()).hexdigest()[:8]
    return Path.home() / ".local" / "state" / "headroom" / f"{config.stem}-{place}.sqlite"


def installation(state: Path) -> str:
    """What tells this laptop's Headroom from every other: the machine and where its state is."""
    place = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]
    return f"watch.{socket.gethostname()}.{place}"


def unset(config: Path, secrets: Secrets = os.environ.get) -> list[str]:
    """The variables that the file names and that are not set; each makes much of it unusable.

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
    """The file as a source of configuration, for the installation that keeps `state`."""
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
) -> Iterator[App]:
    """The wired pipeline; `write` prints what goes to the channel `default`.

    `source` reads `config`, in its own way. With `beats` each complete check calls the heartbeat of
    the file.

    Raises ConfigUnavailable when the file cannot be read at all, ConfigError when it has no
    projects, SettingsError when `polyai_url` is no address to send an API key to; all of them
    before anything is made.
    """
    host = polyai_host(polyai_url)
    if not read(config).projects:
        raise ConfigError("projects", f"{config} has none, so nothing is watched: write one")
    try:
        state.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateUnavailable(f"{state.parent} cannot be made: {error.strerror}") from error
    app = local(
        source or file_source(config, state),
        SqliteState(state, clock=system_clock),
        SqliteDeadLetters(state, clock=system_clock),
        default=Console(DEFAULT_CHANNEL, write),
        polyai_url=host,
        loopback=True,  # a laptop is where simulators run
        clock=system_clock,
        beats=beats,
    )
    try:
        yield app
    finally:
        app.close()


def polyai_host(written: str | None) -> str | None:
    """The address in place of PolyAI's. Raises SettingsError.

    What was written is not repeated: it may hold a secret.
    """
    if written is None:
        return None
    try:
        return safe_host(written)
    except ValueError as error:
        raise SettingsError(f"--polyai-url (or HEADROOM_POLYAI_URL): {error}") from None


@contextmanager
def copied(state: Path) -> Iterator[Path]:
    """A copy of the state, for a check that must leave no trace."""
    with tempfile.TemporaryDirectory(prefix="headroom-") as folder:
        copy = Path(folder) / "state.sqlite"
        if state.exists():
            shutil.copyfile(state, copy)
        yield copy


def remaining() -> Callable[[], float]:
    """The seconds that are left for a check that begins now."""
    ends = time.monotonic() + LONGEST
    return lambda: ends - time.monotonic()
