"""Scheduled faults of the simulated servers: which, when, and for which target."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from headroom.domain.windows import Instant


class FaultKind(StrEnum):
    """How a server on the internet fails."""

    NONE = "none"
    BUSY = "429"
    BROKEN = "500"
    HTML = "html"
    """A proxy's page with status 200 instead of JSON."""
    SILENT = "time-out"
    CUT = "cut off"
    """Half of the JSON, then the connection closes."""
    GONE = "410"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault for requests to `target`, from `start` until before `until`."""

    target: str
    """A project's id for the simulator, a channel for the inbox."""
    start: Instant
    until: Instant
    kind: FaultKind
    retry_after: int = 30
    """Seconds, sent with 429."""
    seconds: float = 30
    """How long the server stays silent."""


NO_FAULT = Fault("", 0, 0, FaultKind.NONE)


def fault_of(faults: Iterable[Fault], names: Collection[str], now: Instant) -> Fault:
    """Return the first fault that applies now to one of these targets."""
    met = (f for f in faults if f.target in names and f.start <= now < f.until)
    return next(met, NO_FAULT)
