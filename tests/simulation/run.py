"""One story: the real check over the real adapters, in virtual time."""

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
from tests.simulation.invocations import LIFE, Life, make_task
from tests.simulation.outside.fault_injector import Gate
from tests.simulation.outside.faulty_state import Outside
from tests.simulation.outside.parameters import PAGERS, PEOPLE
from tests.simulation.outside.readings import WINDOW, Peaks, Readings
from tests.simulation.outside.stores import NotedSqlite, dynamo
from tests.simulation.run_log import Chronicle, Line
from tests.simulation.scenarios.scenario import Fault, Key, Plan, Planned
from tests.simulation.virtual_time import VirtualLoop

TIMEOUT = 50.0
"""Seconds of the function, as `template.yaml` has it."""
BEFORE = 4 * 3600
"""Seconds of readings before the story: further than any rule looks back."""
Wrap = Callable[[State], State]


@dataclass(frozen=True)
class Story:
    """What came of a plan."""

    plan: Plan
    facts: Facts
    lines: list[Line]
    hit: Mapping[Key, Fault]
    figures: Counter[str]


def run(plan: Plan, wrap: Wrap = lambda state: state) -> Story:
    """Let it happen. `wrap` puts something around the adapter: a planted bug."""
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    loop.set_exception_handler(lambda *_: None)  # what the dead leave behind is nobody's
    folder = Path(tempfile.mkdtemp(prefix="headroom-simulation-", dir=_memory()))
    try:
        asyncio.set_event_loop(None)
        return loop.run_until_complete(_World(plan, loop, folder, wrap).happen())
    finally:
        loop.close()
        shutil.rmtree(folder)


def _memory() -> str | None:
    """A folder in memory where there is one: SQLite waits for the disk at each write."""
    shared = Path("/dev/shm")  # noqa: S108  # only as the place of a folder of our own
    return str(shared) if shared.is_dir() else None


class _World:
    """Everything around the checks of one story."""

    def __init__(self, plan: Plan, loop: VirtualLoop, folder: Path, wrap: Wrap) -> None:
        self.plan = plan
        self.loop = loop
        peaks = Peaks(plan)
        self.chronicle = Chronicle(plan, loop, _facts(plan, peaks))
        gate = Gate(self.chronicle)
        readings = Readings(plan, peaks, gate, self.chronicle)
        state: State
        self.plain: State
        if plan.store == "sqlite":
            state = self.plain = NotedSqlite(folder / "state.sqlite", self.chronicle)
        else:
            state, self.plain = dynamo(self.chronicle, gate)
        outside = Outside(wrap(state), gate)
        self.instances = Instances(gate, self.chronicle, outside, readings)
        self.instances.parameters.begin(plan.settle, plan.late)

    async def happen(self) -> Story:
        """Everything in its time, then the look at what is left."""
        edits = asyncio.create_task(self._edit())
        lives = [asyncio.create_task(self._live(each)) for each in self.plan.checks]
        await asyncio.gather(edits, *lives)
        while self.loop.paused:  # noqa: ASYNC110  # an hour takes no time here
            await asyncio.sleep(3600)
        loaded = await self.plain.load()
        facts = self.chronicle.finish()
        facts.still_owed, facts.watermarks = _left(loaded)
        facts.broken += [f"{name}: {why}" for name, why in loaded.unreadable.items()]
        hit, figures = self.chronicle.hit, self.chronicle.figures
        return Story(self.plan, facts, self.chronicle.lines, hit, figures)

    async def _edit(self) -> None:
        for at, what, who, note, happen in sorted(self._edits(), key=lambda each: each[0]):
            await self._sleep_until(at)
            happen()
            self.chronicle.tell(what, who, note)

    def _edits(self) -> Iterator[tuple[int, str, str, str, Callable[[], None]]]:
        parameters = self.instances.parameters
        for edit in self.plan.edits:
            yield edit.at, "edit", edit.project, str(edit.now), partial(parameters.edit, edit)
        for slip in self.plan.slips:
            note = "deleted" if slip.gone else "written badly"
            yield slip.at, "slip", slip.part, note, partial(parameters.slip, slip)
            if slip.until is not None:
                yield slip.until, "fixed", slip.part, "", partial(parameters.fix, slip)

    async def _sleep_until(self, instant: float) -> None:
        await asyncio.sleep(max(0.0, instant - self.chronicle.now))

    async def _live(self, planned: Planned) -> None:
        """One invocation."""
        await self._sleep_until(planned.starts)
        if planned.at < self.chronicle.clock() - EARLIEST:
            self.chronicle.ended(planned.number, planned.at, "dropped")
            return
        instance, ports = self.instances.take(planned.instance)
        life = Life(planned.number, planned.at, self.loop.time() + TIMEOUT)
        context = contextvars.copy_context()
        context.run(LIFE.set, life)
        task = context.run(asyncio.create_task, self._check(ports, life))
        alarm = self.loop.call_at(life.deadline, life.die, "its time ran out")
        await asyncio.wait([task])
        alarm.cancel()
        self.instances.give_back(instance, dead=bool(life.died))
        how = _how(task, life)
        if how not in ("done", "crashed", "failed"):
            self.chronicle.facts.broken.append(how)
            how = "failed"
        context.run(self.chronicle.ended, planned.number, planned.at, how)

    async def _check(self, ports: Ports, life: Life) -> None:
        self.chronicle.begins(life.check)
        self.chronicle.tell("check", note=f"of {(life.at - self.plan.began) / 60:+.0f} min")
        report = await check(ports, life.at, Deadline(lambda: life.deadline - self.loop.time()))
        self.chronicle.reported(report)
        report.raise_bugs()
        for problem in report.problems:
            self.chronicle.tell("problem", note=problem)


def _facts(plan: Plan, peaks: Peaks) -> Facts:
    """What is known beforehand."""
    return Facts(
        seed=plan.seed,
        began=plan.began,
        calm=plan.calm,
        ended=plan.ended,
        settle=plan.settle,
        late=plan.late,
        people=PEOPLE,
        pagers=PAGERS,
        edits=list(plan.edits),
        slips=list(plan.slips),
        peaks=_final(plan, peaks),
        published=_published(plan, peaks),
        corrected=_corrected(plan),
    )


def _how(task: asyncio.Task[None], life: Life) -> str:
    """How a check ended; something else than a word of the facts is a bug."""
    if life.died:
        return "crashed"
    error = None if task.cancelled() else task.exception()
    if error is None and not task.cancelled():
        return "done"
    if isinstance(error, StateUnavailable | ConfigUnavailable):
        return "failed"
    return f"check {life.check} broke: {error!r}"


def _final(plan: Plan, peaks: Peaks) -> dict[tuple[str, str, str], dict[Window, int]]:
    first = plan.began - BEFORE
    windows = range(first - first % WINDOW, plan.ended + 1, WINDOW)
    return {
        series: {at: value for at in windows if (value := peaks.final(series, at)) is not None}
        for series in plan.series
    }


def _published(plan: Plan, peaks: Peaks) -> dict[tuple[str, str], dict[Window, int]]:
    first = plan.began - BEFORE
    windows = range(first - first % WINDOW, plan.ended + 1, WINDOW)
    return {
        (project, query): {
            at: when for at in windows if (when := peaks.published(project, at)) > at
        }
        for project, query, _ in plan.series
    }


def _corrected(plan: Plan) -> dict[tuple[str, str, str], dict[Window, int]]:
    found: dict[tuple[str, str, str], dict[Window, int]] = {}
    for each in plan.corrections:
        found.setdefault(each.series, {})[each.window] = each.at
    return found


def _left(
    loaded: Loaded,
) -> tuple[dict[str, Mapping[str, tuple[str, ...]]], dict[str, Window]]:
    """What documents still owe, and how far each project is known to be evaluated."""
    owed: dict[str, Mapping[str, tuple[str, ...]]] = {}
    marks: dict[str, Window] = {}
    shard = loaded.watermark
    for name in shard.projects if shard else ():
        assert shard is not None
        marks[name] = shard.ahead if shard.next and name < shard.next else shard.window
    for name, document in loaded.documents.items():
        owed[name] = {
            key: tuple(each.deliveries) for key, each in document.outbox.items() if each.deliveries
        }
        own = max(marks.get(name, 0), document.watermark) if document.quiet else document.watermark
        marks[name] = min([own, *document.behind.values()])
    return owed, marks
