"""From a scenario that fails to the shortest that fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.simulation.facts import Edit, ProjectFacts
from tests.simulation.scenarios.scenario import Scenario

Fails = Callable[[Scenario], bool]
PARTS = (
    "checks",
    "edits",
    "invalid_parameters",
    "outages",
    "faults",
    "bumps",
    "stops",
    "corrections",
    "pasts",
)


def shrink(scenario: Scenario, fails: Fails) -> Scenario:
    """Leave out what the failure does not need; `scenario` has its faults, none is drawn."""
    smaller = scenario
    while True:
        before = smaller
        for name in PARTS:
            smaller = _without(smaller, name, fails)
        smaller = _plainer(smaller, fails)
        if smaller == before:
            return smaller


def _without(scenario: Scenario, name: str, fails: Fails) -> Scenario:
    """Leave out parts of one sort: first many at once, then fewer, then single ones."""
    whole: Any = getattr(scenario, name)
    parts = list(whole.items()) if name == "faults" else list(whole)
    size = len(parts)
    while size:
        at = 0
        while at < len(parts):
            fewer = parts[:at] + parts[at + size :]
            tried = _with(scenario, name, fewer)
            if (fewer or name != "checks") and fails(tried):
                parts, scenario = fewer, tried
                continue
            at += size
        size //= 2
    return scenario


def _with(scenario: Scenario, name: str, parts: Sequence[Any]) -> Scenario:
    held: Any = dict(parts) if name == "faults" else tuple(parts)
    return replace(scenario, **{name: held})


def _plainer(scenario: Scenario, fails: Fails) -> Scenario:
    """Leave out rules, one at a time."""
    for place in range(len(scenario.edits)):
        for plainer in list(_fewer_rules(scenario.edits[place])):
            edits = (*scenario.edits[:place], plainer, *scenario.edits[place + 1 :])
            if fails(replace(scenario, edits=edits)):
                scenario = replace(scenario, edits=edits)
                break
    return scenario


def _fewer_rules(edit: Edit) -> Iterator[Edit]:
    if not isinstance(edit.now, ProjectFacts) or len(edit.now.rules) < 2:
        return
    for rule in edit.now.rules:
        rules = tuple(each for each in edit.now.rules if each is not rule)
        yield replace(edit, now=replace(edit.now, rules=rules))
