"""Trouble on request: what a server does instead of its job, when, and to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from headroom.domain.windows import Instant


class FaultKind(StrEnum):
    """The ways in which a server on the internet fails."""

    NONE = "none"
    BUSY = "429"
    BROKEN = "500"
    HTML = "html"
    """A proxy's page with status 200 where JSON was promised."""
    SILENT = "time-out"
    CUT = "cut off"
    """Half of the JSON, then the connection closes."""
    GONE = "410"


@dataclass(frozen=True, slots=True)
class Fault:
    """From `start` until before `until`, requests to `target` meet this trouble."""

    target: str
    """A project's id for the simulator; the path of a hook for the inbox."""
    start: Instant
    until: Instant
    kind: FaultKind
    retry_after: int = 30
    """Seconds, said with 429."""
    seconds: float = 30
    """How long the server stays silent."""


NO_FAULT = Fault("", 0, 0, FaultKind.NONE)


def fault_of(faults: Iterable[Fault], names: Collection[str], now: Instant) -> Fault:
    """The first fault that meets a request now, to a target with one of these names."""
    met = (f for f in faults if f.target in names and f.start <= now < f.until)
    return next(met, NO_FAULT)
