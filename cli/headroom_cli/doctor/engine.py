"""What a probe found, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Level(StrEnum):
    """`FAIL`: somebody may miss a notice. `warn`: nobody misses anything yet, or it is unknown."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: the state of one thing, and the fix. Never holds a secret."""

    level: Level
    what: str
    detail: str
    way_out: str = ""
    """A command to type, or a sentence; '' when there is nothing to do."""


class Probe(Protocol):
    """Looks at one thing, in a thread of its own."""

    @property
    def name(self) -> str:
        """What it looks at, in a word or two."""
        ...

    def look(self) -> Iterable[Finding]:
        """Give each finding as it is made; what fails ends the look (`troubles.py` words it)."""
        ...


Findings = Iterator[Finding]


def ok(what: str, detail: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, what, detail)


def warn(what: str, detail: str, way_out: str = "") -> Finding:
    """Somebody should look at it by day."""
    return Finding(Level.WARN, what, detail, way_out)


def fail(what: str, detail: str, way_out: str = "") -> Finding:
    """Somebody should look at it now."""
    return Finding(Level.FAIL, what, detail, way_out)
