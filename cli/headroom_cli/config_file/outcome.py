"""What a push would leave in Parameter Store, and whether that can be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from headroom.config.house import house
from headroom.config.raw import Document
from headroom.config.resolve import problems
from headroom.config.wording import listed, named
from headroom.errors import ConfigError

T = TypeVar("T")


def check(written: Document, there: Document, *, prune: bool = False) -> None:
    """Look at the file together with what is stored. Raises ConfigError with every problem a line.

    What is stored and of no use already is no reason to refuse, unless the file builds on it.
    """
    found = list(_own(written))
    if not house(written).defaults_problems:
        found += _refused(written, there, prune=prune)
    if found:
        lines = "\n".join(f"- {line}" for line in dict.fromkeys(found))
        raise ConfigError("the file", f"refused\n{lines}")


def outcome(written: Document, there: Document, *, prune: bool) -> Document:
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
        channels=after("channels", written.channels, there.channels),
        keys=keys,
        heartbeat=written.heartbeat or (None if "heartbeat" in pruned else there.heartbeat),
        bad_keys={name: why for name, why in bad.items() if name not in written.keys},
    )


def _own(written: Document) -> Iterator[str]:
    """What is wrong with the file whatever is stored."""
    shared = house(written)
    yield from (str(problem) for problem in shared.defaults_problems)
    yield from (f"keys.{named(name)}: {problem}" for name, problem in shared.bad_keys.items())
    for name, bad in shared.bad_channels.items():
        yield f"channels.{named(name)}: {bad.problem}"
    if shared.bad_heartbeat:
        yield f"heartbeat: {shared.bad_heartbeat}"


def _refused(written: Document, there: Document, *, prune: bool) -> Iterator[str]:
    """Projects of the file that cannot be used, and stored ones that could be until now."""
    before = problems(there)
    for name, found in problems(outcome(written, there, prune=prune)).items():
        if name in written.projects:
            yield listed(found)
        elif name not in before:
            yield f"{listed(found)} (this project is stored: put it in the file too, or --prune)"
