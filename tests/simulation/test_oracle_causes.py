"""The oracle finds alerts of one project on a shared cause, and lost reports (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import pytest

from tests.simulation.facts import Edit, Ended, Facts, Fetch, ProjectFacts
from tests.simulation.oracle.cases import CALM, NEAR, T0, Case
from tests.simulation.oracle.incidents import stored_incidents
from tests.simulation.oracle.shared_causes import causes
from tests.simulation.oracle.undeliverable import undeliverable
from tests.simulation.outcomes import Commit, Recorded

ROUTES = {"warning": ("chat",), "critical": ("chat",)}
KEY = "key default in uk-1"


class Pair:
    """Two projects with one key, a check each minute; some checks get a 401."""

    def __init__(self, failing: Mapping[str, range], kind: str = "401") -> None:
        self.facts: Facts = Case(CALM).facts
        self.facts.edits = [Edit(T0, name, ProjectFacts((NEAR,), ROUTES)) for name in "ab"]
        self.facts.fetches = []
        self.facts.loads = {minute: minute for minute in range(60)}
        for minute in range(60):
            for name in "ab":
                fails = minute in failing.get(name, range(0))
                sort = ("lasting" if kind[0] == "4" else "passing", kind) if fails else ("", "")
                self.facts.fetches.append(Fetch(minute, T0 + 60 * minute, name, "all", *sort))
        self.facts.checks = [Ended(minute, T0 + 60 * minute, "done") for minute in range(60)]

    def stored(self, minute: int, kind: str, project: str = "headroom", **changes: Any) -> Self:  # noqa: ANN401
        made = {"rule": "unreachable", "series": "" if project in "ab" else KEY, **changes}
        since = made.pop("since", minute)
        notice = Case(CALM).notice(minute, kind, "warning", since, {"project": project, **made})
        notice = {**notice, "id": f"{project} {minute}", "incident_id": f"{project} {since}"}
        owner = project if project in "ab" else "headroom/own"
        pending = {str(notice["id"]): ("chat",)}
        commit = Commit(minute, T0 + 60 * minute, owner, pending, {}, (notice,), order=minute)
        self.facts.commits.append(commit)
        return self

    def given_up(self, minute: int) -> Self:
        record = Recorded(minute, T0 + 60 * minute, "a", "chat", "n", True, True, minute)
        self.facts.records.append(record)
        return self

    def found(self) -> list[str]:
        incidents = stored_incidents(self.facts)
        return [*causes(self.facts, incidents), *undeliverable(self.facts, incidents)]


BOTH = {"a": range(10, 30), "b": range(10, 30)}
REPORT = {"rule": "undeliverable", "series": "chat"}


@pytest.mark.parametrize(
    "stage",
    [
        Pair(BOTH).stored(10, "fired").stored(30, "resolved", since=10),
        Pair({"a": range(10, 30)}).stored(10, "fired", "a").stored(30, "resolved", "a", since=10),
        Pair(BOTH, "404").stored(10, "fired", "a").stored(10, "fired", "b"),
        Pair({}).given_up(5).stored(7, "fired", **REPORT),
    ],
    ids=["shared", "alone", "each its own", "reported"],
)
def test_right_notices_are_no_complaint(stage: Pair) -> None:
    assert stage.found() == []


WRONG: dict[str, tuple[Callable[[], Pair], str]] = {
    "each alerts on it": (
        lambda: Pair(BOTH).stored(10, "fired", "a"),
        "failed by the same cause",
    ),
    "one is no cause": (
        lambda: Pair({"a": range(10, 30)}).stored(10, "fired"),
        "only a failed",
    ),
    "no project failed": (lambda: Pair({}).stored(10, "fired"), "no project failed"),
    "too soon over": (
        lambda: Pair(BOTH).stored(10, "fired").stored(20, "resolved", since=10),
        "failed by it in that check",
    ),
    "never over": (lambda: Pair(BOTH).stored(10, "fired"), "still fires"),
    "another cause": (lambda: Pair(BOTH, "503").stored(10, "fired"), "no project failed"),
    "passing, and at once": (
        lambda: Pair(BOTH, "503").stored(10, "fired", series="region uk-1"),
        "s of passing failures",
    ),
    "a report is lost": (lambda: Pair({}).given_up(5), "is in no report"),
    "a report of nothing": (
        lambda: Pair({}).stored(7, "fired", **REPORT),
        "nothing was given up",
    ),
    "over too soon": (
        lambda: (
            Pair({})
            .given_up(5)
            .stored(7, "fired", **REPORT)
            .stored(9, "resolved", since=7, **REPORT)
        ),
        "after the last refusal",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name: str) -> None:
    stage, fragment = WRONG[name]
    assert any(fragment in each for each in stage().found()), stage().found()
