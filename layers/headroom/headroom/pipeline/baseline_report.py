"""The report of one run of the making: the function returns it, and logs and counts from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.domain.baseline import Baseline, NewLevel
from headroom.domain.stored_baselines import BaselineKey
from headroom.domain.windows import WEEK, WINDOW, Instant, iso
from headroom.errors import BrokenCheck, places
from headroom.pipeline.making_plan import Target

NO_ROOM = "no room in the stored item: it is one of the least busy"
YOUNG = "fewer than two weeks of readings"

ENOUGH = 2 * WEEK
"""Seconds of readings that a usual time of week needs."""


@dataclass(frozen=True, slots=True)
class MakingOutcome:
    """What became of one baseline in a run."""

    target: Target
    complete: bool = False
    """It is up to date now."""
    baseline: Baseline | None = None
    """What was stored, complete or not; None: nothing new was read."""
    no_room: Sequence[str] = ()
    """Series that the stored item has no room for."""
    new_levels: tuple[tuple[str, NewLevel], ...] = ()
    """By series, those that this run has found."""
    failure: str = ""
    """Why it could not be made; empty too when the run's time or budget was over."""
    bug: BaseException | None = None

    @property
    def key(self) -> BaselineKey:
        """Which baseline it is."""
        return self.target.key

    def abstaining(self) -> dict[str, str]:
        """Series without a usual number of calls for now, and why."""
        found = dict.fromkeys(self.no_room, NO_ROOM)
        if self.baseline is None:
            return found
        if not self.baseline.peaks:
            return {"": YOUNG}
        for series, peaks in self.baseline.peaks.items():
            read = next((place for place, peak in enumerate(peaks) if peak >= 0), len(peaks))
            if (len(peaks) - read) * WINDOW < ENOUGH:
                found.setdefault(series, YOUNG)
        return found


@dataclass(slots=True)
class BaselineReport:
    """The facts of one run; none is secret."""

    at: Instant
    wanted: int = 0
    """The baselines that the configuration needs."""
    invalid: tuple[str, ...] = ()
    """What is wrong with the configuration, a line each; for commands."""
    made: list[BaselineKey] = field(default_factory=list)
    due: int = 0
    """Those that are still due: the next run goes on with them."""
    unreached: int = 0
    """The due ones that did not fail: the time or the budget was over; for commands."""
    failed: dict[str, str] = field(default_factory=dict)
    """Those that could not be made, and why; also among the due ones."""
    abstaining: dict[str, dict[str, str]] = field(default_factory=dict)
    """By baseline, the series without a usual number of calls for now, and why."""
    new_levels: dict[str, dict[str, str]] = field(default_factory=dict)
    oldest_seconds: int = 0
    """The age of the oldest baseline after the run; of one never made, since the first attempt."""
    requests: int = 0
    problems: list[str] = field(default_factory=list)
    bugs: list[BaseException] = field(default_factory=list)
    """Bugs in Headroom, each in one baseline; the rest of the run was done."""

    def add(self, outcomes: Iterable[MakingOutcome]) -> None:
        """Take in what became of the baselines."""
        for each in outcomes:
            name = str(each.key)
            if each.complete:
                self.made.append(each.key)
            if each.failure:
                self.failed[name] = each.failure
            if each.bug is not None:
                self.bugs.append(each.bug)
            if series := each.abstaining():
                self.abstaining[name] = series
            if each.new_levels:
                self.new_levels[name] = {
                    series: f"{new.ratio:g} x usual since {iso(new.since)}"
                    for series, new in each.new_levels
                }

    def raise_bugs(self) -> None:
        """Raise BrokenCheck if a bug broke a part of the run; call it after the report is out."""
        if self.bugs:
            raise BrokenCheck(places(self.bugs))

    def as_json(self) -> dict[str, Any]:
        """The handler's answer."""
        return {
            "at": iso(self.at),
            "wanted": self.wanted,
            "made": [str(key) for key in self.made],
            "due": self.due,
            "failed": self.failed,
            "abstaining": self.abstaining,
            "new_levels": self.new_levels,
            "oldest_seconds": self.oldest_seconds,
            "requests": self.requests,
            "problems": [*self.problems, *places(self.bugs)],
        }
