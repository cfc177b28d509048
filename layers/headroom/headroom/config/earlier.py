"""The last good version of a parameter: which one stays in force, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from headroom.config.raw import Earlier, Part

T = TypeVar("T")


def newest_good(earlier: Earlier | None, good: Callable[[Part], T | None]) -> tuple[T, Part] | None:
    """What the newest earlier version gives that is good, and that version."""
    for part in earlier.versions if earlier else ():
        found = None if part.problem else good(part)
        if found is not None:
            return found, part
    return None


def wanted(part: Part, earlier: Earlier | None) -> bool:
    """Whether an invalid part has earlier versions that nobody has read yet."""
    return part.number > 1 and earlier is None


def in_force(problem: str, part: Part, kept: Part) -> str:
    """What is wrong with the newest version, and which one is in force instead."""
    return f"{problem}; v{part.number} is invalid, {version(kept)} stays in force"


def version(part: Part) -> str:
    """As in `v6 of 2026-11-20`."""
    written = datetime.fromtimestamp(part.version / 1000, UTC)
    return f"v{part.number} of {written:%Y-%m-%d}"


def without(problem: str, earlier: Earlier | None) -> str:
    """What is wrong, and why no earlier version is in force where there might have been one."""
    if earlier is None:
        return problem
    why = f"could not be read: {earlier.problem}" if earlier.problem else "are invalid too"
    return f"{problem}; its earlier versions {why}"
