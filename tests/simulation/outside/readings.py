"""PolyAI in the simulated world: what calls there were, and how the open windows fill up."""

from __future__ import annotations

import asyncio
from functools import partial

from headroom.domain.lines import Line
from headroom.domain.readings import UNASKED, WHOLE, Answer, Failure, FailureCode, Query
from headroom.ports import Deadline
from tests.simulation.facts import Series, Window
from tests.simulation.oracle.windows import closed_by
from tests.simulation.outside.fault_injector import FaultInjector, die
from tests.simulation.run_log import RunLog
from tests.simulation.scenarios import randomness
from tests.simulation.scenarios.scenario import Fault, Past, Scenario

WINDOW, HOUR, DAY = 300, 3600, 86400
WEEK, WEEKS = 7 * DAY, 4
BEFORE = 4 * HOUR
"""Seconds of readings before the scenario: further than any rule looks back."""
AROUND = 2 * HOUR
"""Seconds around the same time of an earlier week: a change of clocks, and windows either side."""
LEVELS = (25, 30, 30, 30, 35, 8, 60)
"""Ordinary calls of an hour of the day, in the weeks before."""
LASTING = frozenset({"400", "401", "403", "404", "501"})
USUAL = (15, 45)
"""Calls of a line that is well; a threshold is never in between."""


class Peaks:
    """Every window's final value, and how much of it can be seen at an instant."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._bumped: dict[Series, dict[Window, int | None]] = {}
        self._fills: dict[tuple[Series, Window], tuple[float, float]] = {}
        self._wrong = {
            (each.series, each.window): (each.at, each.less) for each in scenario.corrections
        }
        for bump in scenario.bumps:
            line = self._bumped.setdefault(bump.series, {})
            line.update(
                {bump.first + WINDOW * place: value for place, value in enumerate(bump.values)}
            )

    def final(self, series: Series, window: Window) -> int | None:
        """Give the value that stays; None: no reading."""
        bumped = self._bumped.get(series, {})
        if window in bumped:
            return bumped[window]
        least, most = USUAL
        drawn = randomness.parts(self._scenario.seed, series, window)[0]
        return self._bumped.setdefault(series, {}).setdefault(
            window, least + int((most - least) * drawn)
        )

    def past(self, line: Past, window: Window) -> int | None:
        """Give what is read of a window weeks before the scenario."""
        if any(first <= window < until for first, until in line.holes):
            return None
        if window < line.begun:
            return line.before
        for first, until, calls in line.fired:
            if first <= window < until:
                return calls
        hour = window // HOUR * HOUR % DAY
        level = randomness.parts(self._scenario.seed, "level", line.series, hour)[0]
        drawn = randomness.parts(self._scenario.seed, "past", line.series, window)[0]
        return int(LEVELS[int(level * len(LEVELS))] * (0.8 + 0.4 * drawn))

    def weeks(self, line: Past) -> dict[Window, int]:
        """Give all that is read of the weeks before that any window's usual could need."""
        first = self._scenario.began - BEFORE - AROUND
        first -= first % WINDOW
        last = self._scenario.ended + AROUND
        windows = (
            window
            for back in range(WEEKS, 0, -1)
            for window in range(first - back * WEEK, last - back * WEEK, WINDOW)
        )
        read = ((window, self.past(line, window)) for window in windows)
        return {window: calls for window, calls in read if calls is not None}

    def seen(self, series: Series, window: Window, now: float) -> int | None:
        """Give what an answer says now.

        It only grows, and stays once the window has settled; but for a correction.
        """
        final = self.final(series, window)
        if final is None or now < self.published(series[0], window):
            return None
        if (series, window) in self._wrong:
            until, less = self._wrong[series, window]
            final = less if now < until else final
        if now >= window + WINDOW + self._scenario.settle:
            return final
        begins, ends = self._filling(series, window)
        part = (now - window - begins) / max(1.0, ends - begins)
        if part < 0:
            return None
        return final if part >= 1 else int(final * part)

    def published(self, project: str, window: Window) -> int:
        """Give the instant from which on answers have the window."""
        ends = window + WINDOW
        lag = self._scenario.lags.get(project, 0)
        stops = [
            stop.ends
            for stop in self._scenario.stops
            if stop.project == project and stop.begins < ends and window < stop.ends
        ]
        return max([ends + lag if lag else window, *stops])

    def _filling(self, series: Series, window: Window) -> tuple[float, float]:
        """When the first call shows, and when all are there: seconds from the window's start."""
        if (series, window) not in self._fills:
            first, full, _, _ = randomness.parts(self._scenario.seed, "fills", series, window)
            whole = WINDOW + self._scenario.settle
            begins = first**3 * whole
            self._fills[series, window] = begins, begins + (whole - begins) * full
        return self._fills[series, window]


class Readings:
    """The client of PolyAI; every request may fail."""

    def __init__(
        self, scenario: Scenario, peaks: Peaks, faults: FaultInjector, log: RunLog
    ) -> None:
        self._scenario = scenario
        self._peaks = peaks
        self._faults = faults
        self._log = log

    async def fetch(
        self,
        line: Line,
        query: Query,
        first: int,
        until: int,
        *,
        deadline: Deadline,
    ) -> Answer | Failure:
        if deadline.left() <= 0:
            return UNASKED
        name = query_name(query)
        drawn = self._faults.draw("fetch", line.name, *shared(line))
        fault = drawn.fault or Fault("")
        await asyncio.sleep(drawn.before)
        if fault.kind == "crash before":
            await die("crashed before fetch")
        if fault.seconds > deadline.left():
            fault = Fault("timeout", max(0.0, deadline.left()))
        await asyncio.sleep(fault.seconds)
        if fault.kind == "crash after":
            await die("crashed after fetch")
        if fault.kind not in ("", "slow"):
            return self._failed(line.name, name, fault.kind)
        answer = self._answer(line.name, name, range(first, until + 1, WINDOW))
        newest, gaps = _reach(answer)
        closed = closed_by(until, self._scenario.settle)
        read = max((at for at in _windows(answer) if at <= closed), default=None)
        self._log.fetched(line.name, name, "", newest=newest, gaps=gaps, closed=read)
        self._log.add("answered", f"{line.name} {name}", _tail(answer))
        await asyncio.sleep(drawn.after)
        return answer

    def _failed(self, project: str, query: str, kind: str) -> Failure:
        lasting = kind in LASTING
        self._log.fetched(project, query, "lasting" if lasting else "passing", kind)
        code = int(kind) if kind.isdigit() else FailureCode(kind)
        return Failure(code, f"simulated {kind}", lasting=lasting)

    def _answer(self, project: str, query: str, windows: range) -> Answer:
        wanted = [each for each in self._scenario.series if each[:2] == (project, query)]
        seen = partial(self._peaks.seen, now=self._log.now)
        found = {
            each[2]: {at: value for at in windows if (value := seen(each, at)) is not None}
            for each in wanted
        }
        if query != "by variant":
            return Answer({WHOLE: found.get(WHOLE, {})})
        return Answer({key: line for key, line in found.items() if line}, {})


def shared(line: Line) -> tuple[str, str]:
    """What it has in common with others, as outages call it."""
    return f"key {line.api_key} in {line.region}", f"region {line.region}"


def query_name(query: Query) -> str:
    """Name a query as the facts do."""
    asked = query.parameters()
    asked.pop("client_env")
    if asked.pop("slice_by", "") == "variant":
        return "by variant"
    return "&".join(f"{name}={value}" for name, value in asked.items()) or "all"


def _windows(answer: Answer) -> set[Window]:
    return {window for line in answer.series.values() for window in line}


def _reach(answer: Answer) -> tuple[Window | None, int]:
    """The newest window of an answer, and how many are missing in the hour up to it.

    Those before its first reading in two hours are not, if that is half an hour of windows ago:
    it is not known whether the line was there.
    """
    there = _windows(answer)
    newest = max(there, default=None)
    if newest is None:
        return None, 0
    first = min(window for window in there if window > newest - 24 * WINDOW)
    new = first > newest - 5 * WINDOW
    hour = range(max(newest - 11 * WINDOW, 0 if new else first), newest + WINDOW, WINDOW)
    return newest, sum(window not in there for window in hour)


def _tail(answer: Answer) -> str:
    return "; ".join(
        f"{key} {[line[at] for at in sorted(line)[-4:]]}".strip()
        for key, line in sorted(answer.series.items())
    )
