"""The stored baselines in the simulated world: what was read of the weeks before a scenario."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from headroom.domain.baseline import NO_READING, Baseline
from headroom.domain.baselines import Unread
from headroom.domain.readings import WHOLE
from headroom.domain.stored_baselines import BaselineKey, Times
from headroom.domain.windows import Instant
from headroom.errors import StateUnavailable
from tests.simulation.facts import Window
from tests.simulation.oracle.windows import closed_by
from tests.simulation.outside.fault_injector import FaultInjector
from tests.simulation.outside.readings import BEFORE, WINDOW, Peaks
from tests.simulation.run_log import RunLog
from tests.simulation.scenarios.scenario import Past, Scenario

LIVE = "client_env=live"


class SimulatedBaselines:
    """The port: every read may fail, and what is stored may be cut off."""

    def __init__(
        self, scenario: Scenario, peaks: Peaks, faults: FaultInjector, log: RunLog
    ) -> None:
        self._pasts: dict[tuple[str, str], list[Past]] = {}
        for each in scenario.pasts:
            self._pasts.setdefault(each.series[:2], []).append(each)
        self._made: dict[tuple[str, str, int], Baseline] = {}
        self._scenario = scenario
        self._peaks = peaks
        self._faults = faults
        self._log = log

    async def read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        for key in keys:
            if self._scenario.is_cut_off(key.project, self._log.now):
                self._log.unread(key.project, query_of(key), kept=True)
        try:
            return await self._faults.step("baseline", "", partial(self._read, keys), _unavailable)
        except StateUnavailable:
            for key in keys:
                self._log.unread(key.project, query_of(key))
            raise

    async def _read(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Baseline | Unread]:
        found = {key: self._stored(key.project, query_of(key)) for key in keys}
        self._log.add("usual", "", " ".join(f"{key}" for key, each in found.items() if each))
        return {key: each for key, each in found.items() if each is not None}

    def _stored(self, project: str, query: str) -> Baseline | Unread | None:
        lines = self._pasts.get((project, query), [])
        made = [at for each in lines for at in each.made if at <= self._log.now]
        if not made:
            return None
        if self._scenario.is_cut_off(project, self._log.now):
            return Unread("what is stored is cut off")
        key = project, query, max(made)
        if key not in self._made:
            self._made[key] = self._baseline(lines, max(made))
        return self._made[key]

    def _baseline(self, lines: Sequence[Past], made: int) -> Baseline:
        until = closed_by(made, self._scenario.settle)
        weeks = {each.series[2] or WHOLE: self._read_by(each, until) for each in lines}
        first = min(min(each, default=until) for each in weeks.values())
        windows = range(first, until + WINDOW, WINDOW)
        return Baseline(
            first=first,
            until=until,
            peaks={
                name: array("h", [week.get(each, NO_READING) for each in windows])
                for name, week in weeks.items()
            },
            left_out={
                each.series[2] or WHOLE: tuple((since, end) for since, end, _ in each.fired)
                for each in lines
            },
            made=made,
        )

    def _read_by(self, line: Past, until: Window) -> dict[Window, int]:
        """What was read of a line up to a window, with what was in this week's scenario."""
        first = self._scenario.began - BEFORE
        lately = range(first - first % WINDOW, until + WINDOW, WINDOW)
        newer = ((each, self._peaks.final(line.series, each)) for each in lately)
        return self._peaks.weeks(line) | {at: calls for at, calls in newer if calls is not None}

    async def times(self, keys: Collection[BaselineKey]) -> Mapping[BaselineKey, Times]:
        raise AssertionError(f"no check asks for {keys}")

    async def store(self, key: BaselineKey, baseline: Baseline) -> Sequence[str]:
        raise AssertionError(f"no check stores {key}: {baseline}")

    async def failed(self, key: BaselineKey, at: Instant) -> None:
        raise AssertionError(f"no check makes {key} at {at}")

    async def history(self, project: str, since: Instant) -> Sequence[Mapping[str, Any]]:
        raise AssertionError(f"no check asks for the history of {project} since {since}")


def query_of(key: BaselineKey) -> str:
    """Name a query as the facts do."""
    asked = key.query.removeprefix(LIVE).removeprefix("&")
    return "by variant" if asked == "slice_by=variant" else asked or "all"


def _unavailable(kind: str) -> Exception:
    return StateUnavailable(f"the store: {kind}")
