"""`headroom simulator`: a PolyAI on this machine, to try a configuration out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from headroom.config.resolve import resolve
from headroom.domain.rules import DEFAULT_KEY, Project
from headroom.errors import ConfigUnavailable, HeadroomError
from headroom_cli.config_file.source import ADD_ONE, read
from headroom_cli.console import count
from headroom_cli.signals import as_ctrl_c
from headroom_cli.simulator.dials import CALLS, Dial, Switchboard, dial
from headroom_cli.simulator.http_server import Loopback
from headroom_cli.simulator.polyai import Key, Simulator

SHARE = 4
"""At the start a line carries a quarter of its limit."""
WITHOUT_LIMIT = 10
"""Calls at the start of a line without a limit."""


def simulate(console: Console, config: Path, port: int) -> None:
    """Answer for the file's projects until Ctrl-C, SIGTERM or SIGHUP.

    Raises ConfigUnavailable, and HeadroomError if the port is taken.
    """
    projects = watched(config)
    try:
        with as_ctrl_c(), _server(projects, port) as polyai:
            console.print(_directions(polyai.url, config, projects))
            threading.Event().wait()
    except KeyboardInterrupt:
        console.print("stopped")


def watched(config: Path) -> Mapping[str, Project]:
    """Return the projects of the file, whatever its keys and channels."""
    written = read(config)
    names = {DEFAULT_KEY, *written.keys, *written.bad_keys}
    keys = dict.fromkeys(names, SecretStr("any key will do"))
    found = resolve(replace(written, keys=keys, bad_keys={})).projects
    if not found:
        raise ConfigUnavailable(
            f"{config} has no valid project: headroom check --config {config} says why"
            if written.projects
            else f"{config} has no projects: {ADD_ONE}"
        )
    return found


def switchboard(projects: Mapping[str, Project]) -> Switchboard:
    """Return a PolyAI that accepts any key and has a line for each project."""
    lines: dict[str, Dial] = {
        name: dial(each.account_id, each.project_id, _calls(each.limit))
        for name, each in projects.items()
    }
    anybody = Key(frozenset(each.account_id for each in projects.values()))
    return Switchboard(Simulator(lines.values(), {}, any_key=anybody), lines)


def _calls(limit: int | None) -> int:
    return limit // SHARE if limit else WITHOUT_LIMIT


def _server(projects: Mapping[str, Project], port: int) -> Loopback:
    try:
        return switchboard(projects).serve(port)
    except OSError as error:
        raise HeadroomError(f"port {port}: {error.strerror}: give another --port") from None


def _directions(url: str, config: Path, projects: Mapping[str, Project]) -> str:
    name, project = next(iter(projects.items()))
    return (
        f"a PolyAI for {count(len(projects), 'project')} of {config}, until Ctrl-C. "
        f"In another terminal:\n\n"
        f"  export HEADROOM_POLYAI_URL={url}\n"
        f"  headroom watch --config {config}\n\n"
        f"and in a third one, to set the calls of {name}:\n\n"
        f"  curl -X PUT -d {project.limit or WITHOUT_LIMIT} {url}{CALLS}{name}\n"
    )
