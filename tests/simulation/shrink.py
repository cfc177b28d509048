"""From a story that fails to the shortest that fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.simulation.facts import Edit, ProjectFacts
from tests.simulation.scenarios.scenario import Plan

Fails = Callable[[Plan], bool]
PARTS = ("checks", "edits", "slips", "outages", "faults", "bumps", "stops", "corrections")


def shrink(plan: Plan, fails: Fails) -> Plan:
    """Leave out whatever the failure does not need. `plan` holds its faults, none to be drawn."""
    smaller = plan
    while True:
        before = smaller
        for name in PARTS:
            smaller = _without(smaller, name, fails)
        smaller = _plainer(smaller, fails)
        if smaller == before:
            return smaller


def _without(plan: Plan, name: str, fails: Fails) -> Plan:
    """Leave out parts of one sort: first many at once, then fewer, then single ones."""
    whole: Any = getattr(plan, name)
    parts = list(whole.items()) if name == "faults" else list(whole)
    size = len(parts)
    while size:
        at = 0
        while at < len(parts):
            fewer = parts[:at] + parts[at + size :]
            tried = _with(plan, name, fewer)
            if (fewer or name != "checks") and fails(tried):
                parts, plan = fewer, tried
                continue
            at += size
        size //= 2
    return plan


def _with(plan: Plan, name: str, parts: Sequence[Any]) -> Plan:
    held: Any = dict(parts) if name == "faults" else tuple(parts)
    return replace(plan, **{name: held})


def _plainer(plan: Plan, fails: Fails) -> Plan:
    """Leave out rules, one at a time."""
    for place in range(len(plan.edits)):
        for plainer in list(_fewer_rules(plan.edits[place])):
            edits = (*plan.edits[:place], plainer, *plan.edits[place + 1 :])
            if fails(replace(plan, edits=edits)):
                plan = replace(plan, edits=edits)
                break
    return plan


def _fewer_rules(edit: Edit) -> Iterator[Edit]:
    if not isinstance(edit.now, ProjectFacts) or len(edit.now.rules) < 2:
        return
    for rule in edit.now.rules:
        rules = tuple(each for each in edit.now.rules if each is not rule)
        yield replace(edit, now=replace(edit.now, rules=rules))
