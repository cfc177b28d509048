"""What is usual, made on a laptop: by `headroom baseline`, and by `watch` every hour."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

from headroom.bootstrap import system_clock
from headroom.domain.formatting import among
from headroom.domain.windows import HOUR, Instant
from headroom.pipeline.baseline_report import BaselineReport
from headroom.ports import Deadline
from headroom_cli.console import count
from headroom_cli.laptop.application import application

MINUTE = 60
RUN = 300.0
"""Seconds of one run of the command; the deployed function has as many."""
SPARE = 2.0
"""Seconds of the minute that are left for the next check."""
OK, TROUBLE, INVALID = 0, 1, 2


class Making:
    """When a `watch` makes what is usual: at its start, every hour, and where a check misses it."""

    def __init__(self) -> None:
        self._next: Instant = 0
        self._overdue = 0

    def due(self, now: Instant) -> bool:
        """Whether it is time to."""
        return now >= self._next

    def look(self, overdue: int) -> None:
        """See what a check misses: more than before is a rule that is new."""
        if overdue > self._overdue:
            self._next = 0
        self._overdue = overdue

    def done(self, report: BaselineReport) -> None:
        """Go on within a minute if there was no time for all; what failed waits for an hour."""
        self._next = report.at + (MINUTE if report.unreached else HOUR)

    def failed(self, now: Instant) -> None:
        """Nothing could be made: try again in an hour."""
        self._next = now + HOUR


def make(config: Path, state: Path, polyai_url: str | None) -> Iterator[BaselineReport]:
    """Make everything that is due now, and yield the report of each run."""
    with application(config, state, lambda _: None, polyai_url) as app:
        left: float = math.inf
        while True:
            report = app.make_baselines(system_clock(), _within(RUN))
            yield report
            if not 0 < report.unreached < left:
                return
            left = report.unreached


def rest_of_minute() -> Deadline:
    """The time until the next check of a `watch`."""
    return _within(MINUTE - time.time() % MINUTE - SPARE)


def _within(seconds: float) -> Deadline:
    ends = time.monotonic() + seconds
    return Deadline(lambda: ends - time.monotonic())


def made(report: BaselineReport) -> Iterator[str]:
    """Lines about what was made, and what abstains for now."""
    if report.made:
        requests = count(report.requests, "request")
        yield f"usual: {count(len(report.made), 'baseline')} made with {requests}"
    for name, abstaining in report.abstaining.items():
        why = sorted(set(abstaining.values()))
        names = among([each for each in sorted(abstaining) if each])
        yield f"usual: {name} abstains{f' for {names}' if names else ''}: {', '.join(why)}"
    for name, found in report.new_levels.items():
        for series, level in found.items():
            yield f"usual: {name} {series}".rstrip() + f": a lasting new level, {level}"


def not_made(report: BaselineReport) -> list[str]:
    """Lines about what could not be made."""
    return [f"usual: {name} could not be made: {why}" for name, why in report.failed.items()]


def summary(report: BaselineReport) -> str:
    """The state of all of them after the last run."""
    if not report.wanted:
        return "no rule needs to know what is usual"
    wanted = count(report.wanted, "baseline")
    if not report.due:
        return f"{wanted}, none is due: each is made once a day"
    return f"{wanted}, {report.due} still due"


def exit_code(report: BaselineReport) -> int:
    """1 if one could not be made, 2 if a part of the file is invalid."""
    if report.failed:
        return TROUBLE
    return INVALID if report.invalid else OK
