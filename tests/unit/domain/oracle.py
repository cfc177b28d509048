"""What DESIGN section 4 says of closed windows, written naively and without a line of `domain/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIVE_MINUTES = 300


@dataclass(frozen=True)
class Spec:
    """A rule as the oracle understands it; thresholds in calls, the mildest first."""

    upper: bool
    warning: int | None
    critical: int | None
    needed: int
    among: int
    margin: int
    missing: str
    sliced: bool = False

    @property
    def levels(self) -> list[tuple[str, int]]:
        """The mildest first."""
        named = [("warning", self.warning), ("critical", self.critical)]
        return [(name, bound) for name, bound in named if bound is not None]


@dataclass
class Story:
    """One incident: the window it fired on, the one that ended it (None: still open), the worst."""

    since: int
    ended: int | None
    worst: str


def stories(spec: Spec, peaks: Mapping[int, int], first: int, last: int) -> list[Story]:
    """All incidents of one series by its closed windows `first` to `last`."""
    told: list[Story] = []
    severity: str | None = None
    for window in range(first, last + 1, FIVE_MINUTES):
        before = severity
        severity = _severity(spec, peaks, window, before)
        if before is None and severity is not None:
            told.append(Story(window, None, severity))
        elif before is not None and severity is None:
            told[-1].ended = window
        elif severity == "critical":
            told[-1].worst = "critical"
    return told


def _severity(spec: Spec, peaks: Mapping[int, int], window: int, held: str | None) -> str | None:
    if spec.sliced and held is None:
        back = [window - each * FIVE_MINUTES for each in range(2 * spec.among)]
        if not any(each in peaks for each in back):
            return None
    if spec.missing == "ignore" and held is None and window not in peaks:
        return None  # nothing new begins by a window that says nothing
    found = None
    for name, threshold in spec.levels:
        bound = threshold
        if held in ("critical", name):
            bound = threshold - spec.margin if spec.upper else threshold + spec.margin
        if _passing(spec, peaks, window, bound) >= spec.needed:
            found = name
    return found


def _passing(spec: Spec, peaks: Mapping[int, int], window: int, bound: int) -> int:
    reach = 2 * spec.among if spec.missing == "ignore" else spec.among
    slots = [window - each * FIVE_MINUTES for each in range(reach)]
    verdicts = [_passes(spec, peaks.get(slot), bound) for slot in slots]
    return sum([each for each in verdicts if each is not None][: spec.among])


def _passes(spec: Spec, value: int | None, bound: int) -> bool | None:
    if value is None:
        if spec.missing == "ignore":
            return None
        if spec.missing in ("breach", "ok"):
            return spec.missing == "breach"
        value = 0
    return value >= bound if spec.upper else value <= bound
