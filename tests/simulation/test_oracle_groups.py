"""What the oracle says of a group of two lines, one of which cannot be read for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulation.facts import Fetch, GroupFacts
from tests.simulation.oracle.cases import LINE, NEAR, ROUTES, T0, Case
from tests.simulation.oracle.complaints import complaints

TOGETHER, OTHER = "together", "claims-line"
QUIET = replace(NEAR, warning=None, critical=200)


def group(*, unread: range = range(0), values: tuple[int, ...] = (20, 20, 20, 60, 60, 60)) -> Case:
    """Two lines of 20 and 20 calls; windows 3 to 5 are 60 and 20, of which 70 is a warning."""
    case = Case((*values, *(20,) * 6), QUIET)
    case.facts.groups.append(GroupFacts(TOGETHER, (LINE, OTHER), (NEAR,), ROUTES))
    case.facts.peaks[OTHER, "all", ""] = dict.fromkeys(case.facts.peaks[LINE, "all", ""], 20)
    for each in list(case.facts.fetches):
        failure = "passing" if each.check in unread else ""
        newest = each.newest if not failure else None
        other = Fetch(each.check, each.at, OTHER, "all", failure, newest=newest, closed=each.closed)
        case.facts.fetches.append(other)
    case.facts.seen[TOGETHER] = T0 - 7200
    case.rule = NEAR
    return case


def told(case: Case, ends: int = 36) -> Case:
    """The warning of windows 3 to 5, and its end."""
    case.stored(16, "fired", project=TOGETHER)
    return case.stored(ends, "resolved", project=TOGETHER, duration_seconds=900)


RIGHT: dict[str, Callable[[], Case]] = {
    "the sum of its lines": lambda: told(group()),
    "partial, it fires on what it has": lambda: told(
        group(unread=range(10, 30), values=(20, 20, 20, 75, 75, 75))
    ),
    "nothing": lambda: group(values=(20, 20, 20, 40, 40, 40)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_notices_of_a_group_are_no_complaint(name: str) -> None:
    assert [each for each in complaints(RIGHT[name]().facts) if "groups" in each] == []


WRONG: dict[str, tuple[Callable[[], Case], str]] = {
    "no notice": (group, "there is no notice"),
    "it ends while a line is unread": (
        lambda: told(group(unread=range(30, 40))),
        "a member could not be read",
    ),
    "it ends too early": (lambda: told(group(), ends=27), "but it held until 23 10:20"),
    "one line twice": (
        lambda: told(group(values=(20, 20, 20, 40, 40, 40))),
        "the sum of its lines reaches 0 at most",
    ),
    "no end": (lambda: group().stored(16, "fired", project=TOGETHER), "nothing holds at 23 10:50"),
    "another rule": (
        lambda: told(group()).stored(40, "fired", project=TOGETHER, rule="far"),
        "no such rule of the group",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_with_a_group_is_found(name: str) -> None:
    case, fragment = WRONG[name]
    found = complaints(case().facts)
    assert any(fragment in each for each in found), found
