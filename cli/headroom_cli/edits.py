"""When `watch` takes up an edit of its file: once it is whole, and makes nothing worse.

Somebody at a terminal is the one to hear of a typo, and not the person on call.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from headroom.config.port import Configuration
from headroom.config.wording import listed
from headroom_cli.console import by_cause, listed_names

SETTLED = 2.0
"""Seconds since the last write: an editor may still be writing."""


def hold(before: Configuration, after: Configuration, changed: int) -> str:
    """Why `before` stays in force, '' when `after` takes over. `changed`: milliseconds, 1970."""
    if 0 <= time.time() - changed / 1000 < SETTLED:
        return "it was changed a moment ago, the next check takes it up"
    if not (after.projects or after.refused):
        return "it has no projects"
    return listed(list(dict.fromkeys(_worse(before, after))))


def _worse(before: Configuration, after: Configuration) -> Iterator[str]:
    """What is refused now and was not before."""
    wrong = _invalid(after)
    names = sorted(wrong.keys() - _invalid(before).keys())
    causes = by_cause((name, wrong[name]) for name in names)
    for why, found in causes.items():
        yield why if len(found) == 1 else f"{listed_names(found)}: {why}"
    for place in sorted(after.faults.keys() - before.faults.keys()):
        yield f"{place}: {after.faults[place]}"
    for name in sorted(after.bad_channels.keys() - before.bad_channels.keys()):
        if f"channels.{name}" not in after.faults:
            yield f"channels.{name}: {after.bad_channels[name].problem}"


def _invalid(configuration: Configuration) -> dict[str, str]:
    """Projects that are invalid in whole or in part, but for what has a fault of its own."""
    refused = configuration.refused.items()
    parts = {name: each.fault for name, each in configuration.projects.items() if each.fault}
    return {name: each.problem for name, each in refused if not each.shared} | parts
