"""Runs one scenario: the real check over the real adapters, in virtual time."""

from __future__ import annotations

import asyncio
import contextvars
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headroom.app import EARLIEST
from headroom.check import check
from headroom.domain.watermark import Loaded
from headroom.errors import ConfigUnavailable, StateUnavailable
from headroom.ports import Deadline, Ports, State
from tests.simulation.facts import Facts, Window
from tests.simulation.instances import Instances
from tests.simulation.invocations import INVOCATION, Invocation, make_task
from tests.simulation.outside.baselines import SimulatedBaselines
from tests.simulation.outside.fault_injector import FaultInjector
from tests.simulation.outside.faulty_state import FaultyState
from tests.simulation.outside.parameters import PAGERS, PEOPLE
from tests.simulation.outside.readings import BEFORE, WINDOW, Peaks, Readings
from tests.simulation.outside.stores import NotedSqlite, dynamo
from tests.simulation.run_log import Entry, RunLog
from tests.simulation.scenarios.scenario import Fault, Key, PlannedCheck, Scenario
from tests.simulation.virtual_time import VirtualLoop

TIMEOUT = 50.0
"""Seconds of the function, as `template.yaml` has it."""
Wrap = Callable[[State], State]


@dataclass(frozen=True)
class RunResult:
    """What happened in the run of a scenario."""

    scenario: Scenario
    facts: Facts
    lines: list[Entry]
    hit: Mapping[Key, Fault]
    figures: Counter[str]


def run(scenario: Scenario, wrap: Wrap = lambda state: state) -> RunResult:
    """Run it. `wrap` puts something around the adapter: a planted bug."""
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    loop.set_exception_handler(lambda *_: None)  # tasks of dead invocations
    folder = Path(tempfile.mkdtemp(prefix="headroom-simulation-", dir=_memory()))
    try:
        asyncio.set_event_loop(None)
        return loop.run_until_complete(_Simulation(scenario, loop, folder, wrap).run())
    finally:
        loop.close()
        shutil.rmtree(folder)


def _memory() -> str | None:
    """A folder in memory where there is one: SQLite waits for the disk at each write."""
    shared = Path("/dev/shm")  # noqa: S108  # only as the place of a folder of our own
    return str(shared) if shared.is_dir() else None


class _Simulation:
    """Everything around the checks of one scenario."""

    def __init__(self, scenario: Scenario, loop: VirtualLoop, folder: Path, wrap: Wrap) -> None:
        self.scenario = scenario
        self.loop = loop
        peaks = Peaks(scenario)
        self.log = RunLog(scenario, loop, _facts(scenario, peaks))
        faults = FaultInjector(self.log)
        readings = Readings(scenario, peaks, faults, self.log)
        state: State
        self.plain: State
        if scenario.store == "sqlite":
            state = self.plain = NotedSqlite(folder / "state.sqlite", self.log)
        else:
            state, self.plain = dynamo(self.log, faults)
        outside = FaultyState(wrap(state), faults)
        baselines = SimulatedBaselines(scenario, peaks, faults, self.log)
        self.instances = Instances(faults, self.log, outside, baselines, readings)
        self.instances.parameters.begin(scenario.settle, scenario.late)
        for group in scenario.groups:
            self.instances.parameters.group(group)

    async def run(self) -> RunResult:
        """Let everything happen in its time, then read what is left."""
        edits = asyncio.create_task(self._edit())
        invocations = [asyncio.create_task(self._invoke(each)) for each in self.scenario.checks]
        await asyncio.gather(edits, *invocations)
        while self.loop.paused:  # noqa: ASYNC110  # an hour takes no time here
            await asyncio.sleep(3600)
        loaded = await self.plain.load()
        facts = self.log.finish()
        facts.still_pending, facts.watermarks = _left(loaded)
        facts.broken += [f"{name}: {why}" for name, why in loaded.unreadable.items()]
        hit, figures = self.log.hit, self.log.figures
        return RunResult(self.scenario, facts, self.log.lines, hit, figures)

    async def _edit(self) -> None:
        for at, what, who, note, apply in sorted(self._edits(), key=lambda each: each[0]):
            await self._sleep_until(at)
            apply()
            self.log.add(what, who, note)

    def _edits(self) -> Iterator[tuple[int, str, str, str, Callable[[], None]]]:
        parameters = self.instances.parameters
        for edit in self.scenario.edits:
            yield edit.at, "edit", edit.project, str(edit.now), partial(parameters.edit, edit)
        for invalid in self.scenario.invalid_parameters:
            note = "deleted" if invalid.deleted else "invalid"
            yield invalid.at, "invalid", invalid.part, note, partial(parameters.invalidate, invalid)
            if invalid.until is not None:
                yield invalid.until, "fixed", invalid.part, "", partial(parameters.fix, invalid)

    async def _sleep_until(self, instant: float) -> None:
        await asyncio.sleep(max(0.0, instant - self.log.now))

    async def _invoke(self, planned: PlannedCheck) -> None:
        """One invocation."""
        await self._sleep_until(planned.starts)
        if planned.at < self.log.clock() - EARLIEST:
            self.log.ended(planned.number, planned.at, "dropped")
            return
        instance, ports = self.instances.take(planned.instance)
        invocation = Invocation(planned.number, planned.at, self.loop.time() + TIMEOUT)
        context = contextvars.copy_context()
        context.run(INVOCATION.set, invocation)
        task = context.run(asyncio.create_task, self._check(ports, invocation))
        alarm = self.loop.call_at(invocation.deadline, invocation.die, "its time ran out")
        await asyncio.wait([task])
        alarm.cancel()
        self.instances.give_back(instance, dead=bool(invocation.died))
        how = _how(task, invocation)
        if how not in ("done", "crashed", "failed"):
            self.log.facts.broken.append(how)
            how = "failed"
        context.run(self.log.ended, planned.number, planned.at, how)

    async def _check(self, ports: Ports, invocation: Invocation) -> None:
        self.log.begins(invocation.check)
        self.log.add("check", note=f"of {(invocation.at - self.scenario.began) / 60:+.0f} min")
        report = await check(
            ports, invocation.at, Deadline(lambda: invocation.deadline - self.loop.time())
        )
        self.log.reported(report)
        report.raise_bugs()
        for problem in report.problems:
            self.log.add("problem", note=problem)


def _facts(scenario: Scenario, peaks: Peaks) -> Facts:
    """The facts that are known before the run."""
    return Facts(
        seed=scenario.seed,
        began=scenario.began,
        calm=scenario.calm,
        ended=scenario.ended,
        settle=scenario.settle,
        late=scenario.late,
        people=PEOPLE,
        pagers=PAGERS,
        edits=list(scenario.edits),
        groups=list(scenario.groups),
        invalid_parameters=list(scenario.invalid_parameters),
        peaks=_final(scenario, peaks),
        published=_published(scenario, peaks),
        corrected=_corrected(scenario),
        weeks={each.series: peaks.weeks(each) for each in scenario.pasts},
        weeks_from={each.series[:2]: min(each.made) for each in scenario.pasts},
        fired_before={
            each.series: [(first, until) for first, until, _ in each.fired]
            for each in scenario.pasts
        },
    )


def _how(task: asyncio.Task[None], invocation: Invocation) -> str:
    """How a check ended; something else than a word of the facts is a bug."""
    if invocation.died:
        return "crashed"
    error = None if task.cancelled() else task.exception()
    if error is None and not task.cancelled():
        return "done"
    if isinstance(error, StateUnavailable | ConfigUnavailable):
        return "failed"
    return f"check {invocation.check} broke: {error!r}"


def _final(scenario: Scenario, peaks: Peaks) -> dict[tuple[str, str, str], dict[Window, int]]:
    first = scenario.began - BEFORE
    windows = range(first - first % WINDOW, scenario.ended + 1, WINDOW)
    return {
        series: {at: value for at in windows if (value := peaks.final(series, at)) is not None}
        for series in scenario.series
    }


def _published(scenario: Scenario, peaks: Peaks) -> dict[tuple[str, str], dict[Window, int]]:
    first = scenario.began - BEFORE
    windows = range(first - first % WINDOW, scenario.ended + 1, WINDOW)
    return {
        (project, query): {
            at: when for at in windows if (when := peaks.published(project, at)) > at
        }
        for project, query, _ in scenario.series
    }


def _corrected(scenario: Scenario) -> dict[tuple[str, str, str], dict[Window, int]]:
    found: dict[tuple[str, str, str], dict[Window, int]] = {}
    for each in scenario.corrections:
        found.setdefault(each.series, {})[each.window] = each.at
    return found


def _left(
    loaded: Loaded,
) -> tuple[dict[str, Mapping[str, tuple[str, ...]]], dict[str, Window]]:
    """What is still pending, and up to which window each project is known to be evaluated."""
    pending: dict[str, Mapping[str, tuple[str, ...]]] = {}
    marks: dict[str, Window] = {}
    shard = loaded.watermark
    for name in shard.projects if shard else ():
        assert shard is not None
        marks[name] = shard.ahead if shard.next and name < shard.next else shard.window
    for name, document in loaded.documents.items():
        pending[name] = {
            key: tuple(each.deliveries) for key, each in document.outbox.items() if each.deliveries
        }
        own = max(marks.get(name, 0), document.watermark) if document.quiet else document.watermark
        marks[name] = min([own, *document.behind.values()])
    return pending, marks
