"""`headroom simulator`: a PolyAI on this machine, to try a configuration out."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from headroom.config.resolve import resolve
from headroom.domain.lines import DEFAULT_KEY
from headroom.domain.rules import Project
from headroom.errors import HeadroomError
from headroom_cli.config_file.source import ADD_ONE, read
from headroom_cli.config_file.unusable import UnusableFile
from headroom_cli.console import count, listed_names
from headroom_cli.signals import as_ctrl_c
from headroom_cli.simulator.http_server import Loopback
from headroom_cli.simulator.polyai import Key, Simulator
from headroom_cli.simulator.set_by_hand import CALLS, LineByHand, PolyAIByHand, line_by_hand

SHARE = 4
"""At the start a line carries a quarter of its limit."""
WITHOUT_LIMIT = 10
"""Calls at the start of a line without a limit."""


def simulate(console: Console, config: Path, port: int) -> None:
    """Answer for the file's projects until Ctrl-C, SIGTERM or SIGHUP.

    Raises UnusableFile, and HeadroomError if the port is taken.
    """
    projects = watched(config)
    try:
        with as_ctrl_c(), _server(projects, port) as polyai:
            console.print(directions(polyai.url, config, projects), soft_wrap=True)
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
        raise UnusableFile(
            f"{config} has no valid project: headroom check --config {config} says why"
            if written.projects
            else f"{config} has no projects: {ADD_ONE}"
        )
    return _lines(found)


def _lines(projects: Mapping[str, Project]) -> dict[str, Project]:
    """The projects of one line, and one for each line that only a group has."""
    alone = {name: each for name, each in projects.items() if not each.group}
    of_groups = {
        line.name: replace(each, name=line.name, lines=(line,), limit=None)
        for each in projects.values()
        for line in each.lines
        if not line.problem
    }
    return alone | {name: each for name, each in of_groups.items() if name not in alone}


def polyai_by_hand(projects: Mapping[str, Project]) -> PolyAIByHand:
    """Return a PolyAI that accepts any key and has a line for each project."""
    lines: dict[str, LineByHand] = {
        name: line_by_hand(each.line.account_id, each.line.project_id, _calls(each.limit))
        for name, each in projects.items()
    }
    anybody = Key(frozenset(each.line.account_id for each in projects.values()))
    return PolyAIByHand(Simulator(lines.values(), {}, any_key=anybody), lines)


def _calls(limit: int | None) -> int:
    return limit // SHARE if limit else WITHOUT_LIMIT


def _server(projects: Mapping[str, Project], port: int) -> Loopback:
    try:
        return polyai_by_hand(projects).serve(port)
    except OSError as error:
        raise HeadroomError(f"port {port}: {error.strerror}: give another --port") from None


def directions(url: str, config: Path, projects: Mapping[str, Project]) -> str:
    """Return what to type in the other terminals."""
    name, project = next(iter(projects.items()))
    return (
        f"a PolyAI for {_served(config, projects)}, until Ctrl-C. In another terminal:\n\n"
        f"  export HEADROOM_POLYAI_URL={url}\n"
        f"  {_harmless(config)}\n\n"
        f"and in a third one, to set the calls of {name}:\n\n"
        f"  curl -X PUT -d {project.limit or WITHOUT_LIMIT} {url}{CALLS}{name}\n"
    )


def _served(config: Path, projects: Mapping[str, Project]) -> str:
    served = f"{count(len(projects), 'project')} of {config}"
    if left := sorted(read(config).projects.keys() - projects.keys()):
        return f"{served} (not for {listed_names(left)}: headroom check says why)"
    return served


def _harmless(config: Path) -> str:
    """The command that notifies nobody of calls that are simulated, and ends no true incident."""
    written = read(config)
    real = written.channels or written.heartbeat
    if real:
        return f"headroom check --config {config} --dry-run"
    return f"headroom watch --config {config} --state simulated.sqlite"
