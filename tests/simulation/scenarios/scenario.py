"""A scenario: everything that is decided before a run, each part by itself.

So it can be run without some of its parts, to find those that matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.simulation.facts import Edit, GroupFacts, InvalidParameter, Series, Window

Key = tuple[int, str, int]
"""One step: the check, the operation, and how many of it the check did before."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong at one step, and how many seconds pass meanwhile."""

    kind: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One check: its event's time, when it starts by the clock, and the instance it prefers."""

    number: int
    at: int
    starts: float
    instance: int


@dataclass(frozen=True, slots=True)
class Outage:
    """From one instant to another every call of one kind to somebody fails in one way."""

    operation: str
    who: str
    begins: int
    ends: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Bump:
    """Values of one series from one window on, in place of its usual ones; None: no reading."""

    series: Series
    first: Window
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """PolyAI publishes no window of a project that ends between two instants, and then all."""

    project: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Correction:
    """One window of one series says `less` until an instant, and then its final value."""

    series: Series
    window: Window
    at: int
    less: int


@dataclass(frozen=True, slots=True)
class Past:
    """What was read of one series in the weeks before, beside its ordinary calls."""

    series: Series
    made: tuple[int, ...]
    """When the weeks of its query were read."""
    holes: tuple[tuple[Window, Window], ...] = ()
    """From and until: no reading."""
    fired: tuple[tuple[Window, Window, int], ...] = ()
    """From and until: an alert of usual fired, and so many calls there were."""
    begun: Window = 0
    """The line's first window."""
    before: int | None = None
    """What answers say of windows before that."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario."""

    seed: int
    store: str
    """`sqlite` or `dynamo`."""
    began: int
    calm: int
    settle: int
    ttl: int
    """Seconds that an instance keeps the configuration."""
    weather: float
    """How many of the steps fail, 0 to 1, before it becomes calm."""
    poison: float
    """How many of the notices a channel never takes, 0 to 1, before it becomes calm."""
    checks: tuple[PlannedCheck, ...]
    edits: tuple[Edit, ...]
    invalid_parameters: tuple[InvalidParameter, ...]
    outages: tuple[Outage, ...]
    bumps: tuple[Bump, ...]
    series: tuple[Series, ...]
    """Every series that a rule may ever ask for."""
    late: int = 900
    lags: Mapping[str, int] = field(default_factory=dict)
    """By project, how many seconds after its end each window is published; else while it is open.
    """
    stops: tuple[Stop, ...] = ()
    corrections: tuple[Correction, ...] = ()
    pasts: tuple[Past, ...] = ()
    groups: tuple[GroupFacts, ...] = ()
    faults: Mapping[Key, Fault] | None = None
    """Exactly these; None: as they are drawn."""

    def is_cut_off(self, project: str, now: float) -> bool:
        """Whether what is stored of a project's weeks cannot be understood."""
        return any(
            each.operation == "cut off" and each.who == project and each.begins <= now < each.ends
            for each in self.outages
        )

    @property
    def ended(self) -> int:
        """The event's time of the last check."""
        return max(each.at for each in self.checks)
