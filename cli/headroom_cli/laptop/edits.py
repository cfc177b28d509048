"""Decides when `watch` applies an edit of its file: once it is complete and makes nothing worse.

A typo concerns the person at the terminal, not the person on call.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from headroom.config.configuration import Configuration
from headroom.config.wording import listed
from headroom_cli.console import by_cause, listed_names

SETTLED = 2.0
"""Seconds since the last write; before that an editor may still be writing."""


def hold(before: Configuration, after: Configuration, changed: int) -> str:
    """Why `before` stays in force; empty if `after` applies. `changed`: Unix milliseconds."""
    if 0 <= time.time() - changed / 1000 < SETTLED:
        return "it was changed a moment ago, the next check reads it"
    if not (after.projects or after.invalid):
        return "it has no projects"
    return listed(list(dict.fromkeys(_worse(before, after))))


def _worse(before: Configuration, after: Configuration) -> Iterator[str]:
    """Yield what has become invalid, and what is no longer evaluated."""
    wrong = _invalid(after)
    names = (wrong.keys() - _invalid(before).keys()) | set(_blinded(before, after))
    causes = by_cause((name, wrong[name]) for name in sorted(names & wrong.keys()))
    for why, found in causes.items():
        yield f"{listed_names(found)}: {why}"
    shared = bool(names - wrong.keys())
    for place, fault in sorted(after.faults.items()):
        if place not in before.faults or (shared and fault != before.faults[place]):
            yield str(fault)
    for name in sorted(after.bad_channels.keys() - before.bad_channels.keys()):
        if f"channels.{name}" not in after.faults:
            yield f"channels.{name}: {after.bad_channels[name].told}"


def _blinded(before: Configuration, after: Configuration) -> Iterator[str]:
    """Yield projects that were evaluated and now are invalid, in whole or by a rule."""
    for name, was in before.projects.items():
        now = after.projects.get(name)
        unjudged = now.unjudged if now else frozenset()
        if name in after.invalid or any(rule.name in unjudged for rule in was.rules):
            yield name


def _invalid(configuration: Configuration) -> dict[str, str]:
    """Return the same without its effect: before the edit is in force, it has none."""
    refused = configuration.invalid.items()
    whole = {name: str(each.problem) for name, each in refused if not each.shared}
    return {**configuration.own_faults(), **whole}
