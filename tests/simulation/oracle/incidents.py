"""The notices that a run stored, by incident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from tests.simulation.facts import Facts
from tests.simulation.oracle.hours import OUTSIDE_HOURS
from tests.simulation.oracle.usual import NOT_KNOWN

ELSEWHERE = frozenset({"overflow", "state"})
"""The rules of Headroom's own reports that other judges look at."""

BUILT_IN = frozenset({"unreachable", "config", "undeliverable"})
SILENT = {"zero": "no data for 1 h: read as no calls"}
"""Why an incident ends that no reading ended, by what its rule says of missing windows."""
NOT_AWAITED = "no data for 1 h"
"""The same for any other."""
BY_WINDOWS = frozenset({"", NOT_AWAITED, OUTSIDE_HOURS, NOT_KNOWN, *SILENT.values()})
"""Why an incident ends without an edit."""
HEADROOM = "headroom"
"""In place of a project's name."""
ENDS = frozenset({"resolved", "missed"})


@lru_cache(maxsize=4096)
def instant(text: str) -> int:
    """Seconds since 1970 of a notice's time."""
    return int(datetime.fromisoformat(text).timestamp())


def clock(at: int) -> str:
    """For people: `23 10:05`, with the seconds where there are any."""
    form = "%d %H:%M:%S" if at % 60 else "%d %H:%M"
    return datetime.fromtimestamp(at, UTC).strftime(form)


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """One notice of an incident, by the check that stored it."""

    notice: Mapping[str, Any]
    check: int
    at: int
    """The event's time."""
    stored_at: int
    """When it was stored, by the clock."""
    order: tuple[int, int]
    """The place of its commit, and its own in that commit."""

    @property
    def kind(self) -> str:
        return str(self.notice["kind"])

    @property
    def severity(self) -> str:
        return str(self.notice["severity"])

    @property
    def by_edit(self) -> bool:
        """Whether it ended by an edit, not by its windows."""
        return self.notice["reason"] not in BY_WINDOWS

    def __str__(self) -> str:
        """For people."""
        return f"{self.kind} {self.severity} by the check of {clock(self.at)}"


@dataclass(slots=True)
class Incident:
    """The notices of one incident, in order."""

    id: str
    project: str
    rule: str
    series: str
    notices: list[StoredNotice] = field(default_factory=list)

    @property
    def since(self) -> int:
        return instant(self.notices[0].notice["since"])

    @property
    def last(self) -> StoredNotice:
        return self.notices[-1]

    @property
    def over(self) -> bool:
        return self.last.kind in ENDS

    @property
    def alert(self) -> tuple[str, str, str]:
        return self.project, self.rule, self.series

    def open_at(self, at: int) -> bool:
        """Whether it fires after the check of this instant, by its notices."""
        return self.notices[0].at <= at and not (self.over and self.last.at <= at)

    def over_before(self, instant: int) -> bool:
        """Whether its end was stored before, by the clock: a late check may store it later."""
        return self.over and self.last.stored_at < instant

    def __str__(self) -> str:
        """For people."""
        return f"{alert_name(*self.alert)} since {clock(self.since)}"


def alert_name(project: str, rule: str, series: str) -> str:
    """For people."""
    return f"{project}/{rule}" + (f"[{series}]" if series else "")


def stored_incidents(facts: Facts) -> list[Incident]:
    """Everything that went into history, by incident, but Headroom's own reports."""
    times = {each.check: each.at for each in facts.checks}
    found: dict[tuple[str, str], Incident] = {}
    for place, commit in enumerate(facts.commits):
        for nth, notice in enumerate(commit.history):
            if notice["rule"] in ELSEWHERE:
                continue
            key = (commit.project, str(notice["incident_id"]))
            at = times.get(commit.check, commit.at)
            stored = StoredNotice(notice, commit.check, at, commit.at, (place, nth))
            found.setdefault(key, _begun(key[1], notice)).notices.append(stored)
    return list(found.values())


def _begun(key: str, notice: Mapping[str, Any]) -> Incident:
    return Incident(key, str(notice["project"]), str(notice["rule"]), str(notice["series"]))


def by_alert(incidents: Iterable[Incident]) -> dict[tuple[str, str, str], list[Incident]]:
    """The incidents of each alert, in the order of their first notices."""
    found: dict[tuple[str, str, str], list[Incident]] = {}
    for each in incidents:
        found.setdefault(each.alert, []).append(each)
    return found
