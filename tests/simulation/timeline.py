"""The timeline of a run, for people: what happened, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.simulation.run import RunResult
from tests.simulation.scenarios.scenario import Scenario


def render(result: RunResult) -> str:
    """The whole timeline."""
    return "\n".join([*_before(result.scenario), *_lines(result)])


def _before(scenario: Scenario) -> Iterator[str]:
    waits = f"settle {scenario.settle} s, late {scenario.late} s, cache {scenario.ttl} s"
    yield f"seed {scenario.seed}, {scenario.store}, {waits}"
    yield f"began {_clock(scenario.began)}, calm from {_clock(scenario.calm)}"
    for bump in scenario.bumps:
        values = " ".join("-" if value is None else str(value) for value in bump.values)
        yield f"readings of {' '.join(bump.series).strip()} from {_clock(bump.first)}: {values}"
    for project, lag in scenario.lags.items():
        yield f"{project} publishes {lag} s after the end of each window"
    for stop in scenario.stops:
        yield f"{stop.project} publishes nothing {_clock(stop.begins)} to {_clock(stop.ends)}"
    for each in scenario.corrections:
        what = f"{' '.join(each.series).strip()} {_clock(each.window)}"
        yield f"correction of {what}: {each.less} until {_clock(each.at)}"
    for outage in scenario.outages:
        who = f" of {outage.who}" if outage.who else ""
        yield (
            f"outage: {outage.operation}{who} from {_clock(outage.begins)} to "
            f"{_clock(outage.ends)}: {outage.fault.kind}"
        )


def _lines(result: RunResult) -> Iterator[str]:
    for line in result.lines:
        check = "" if line.check is None else f"#{line.check}"
        yield f"{_clock(line.at)} {check:>5} {line.what:<12} {line.who:<12} {line.note}".rstrip()


def _clock(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%d %H:%M:%S}.{moment.microsecond // 10000:02}"
