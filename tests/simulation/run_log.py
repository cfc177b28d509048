"""Writes down what happens: the facts for the judges, the timeline and the figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.domain.outbox import PendingNotice
from headroom.domain.project_state import ProjectState
from headroom.pipeline.report import Report
from tests.simulation.facts import Ended, Facts, Fetch
from tests.simulation.invocations import INVOCATION
from tests.simulation.outcomes import Commit, DeadLetter, Recorded, Reported, Send, Stored, Unsent
from tests.simulation.scenarios.scenario import Fault, Key, Scenario
from tests.simulation.virtual_time import VirtualLoop

Json = Mapping[str, Any]
UNREAD = "outage: listing"
"""The figure of listings that failed over a longer time."""
BEHIND = 130
"""Seconds that an event is older than its check, at most, and a little more."""
REMEMBERED = 660
"""Seconds until a check looks again for what could not be understood, at most."""
MOST = 60
"""Seconds that a check takes at most, and a little more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at: float
    check: int | None
    what: str
    who: str
    note: str


@dataclass(slots=True)
class Attempt:
    """One send under way."""

    check: int
    at: int
    project: str
    channel: str
    notice: Json
    order: int
    until: float
    """When nothing of it can arrive any more, at the latest."""
    arrived: bool = False
    answer: str = "nothing"
    recorded: bool = False
    back_off_until: int = 0
    digest: str = ""
    poisoned: bool = False

    def fact(self) -> Send:
        """Return it as a fact."""
        return Send(
            self.check,
            self.at,
            self.project,
            self.channel,
            self.notice,
            self.arrived,
            self.answer,
            recorded=self.recorded,
            order=self.order,
            back_off_until=self.back_off_until,
            digest=self.digest,
            poisoned=self.poisoned,
        )


@dataclass(slots=True)
class RunLog:
    """One run."""

    scenario: Scenario
    loop: VirtualLoop
    facts: Facts
    lines: list[Entry] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    hit: dict[Key, Fault] = field(default_factory=dict)
    """The faults that really happened."""
    attempts: list[Attempt] = field(default_factory=list)
    _order: int = 0

    @property
    def now(self) -> float:
        """By the clock."""
        return self.scenario.began + self.loop.time()

    def clock(self) -> int:
        """Whole seconds."""
        return int(self.now)

    def add(self, what: str, who: str = "", note: str = "") -> None:
        """Add a line."""
        invocation = INVOCATION.get(None)
        self.lines.append(
            Entry(self.now, invocation.check if invocation else None, what, who, note)
        )

    def begins(self, check: int) -> None:
        """Note that a check begins."""
        self.facts.began_at[check] = self.clock()

    def fault_struck(self, key: Key, fault: Fault, who: str) -> None:
        """Note a fault."""
        self.facts.troubled.add(key[0])
        self.hit[key] = fault
        self.figures[f"fault: {fault.kind}"] += 1
        self.add(key[1], who, f"FAULT {fault.kind}")

    def next(self) -> int:
        """Give the next place in the order of events."""
        self._order += 1
        return self._order

    def fetched(
        self,
        project: str,
        query: str,
        failure: str,
        kind: str = "",
        *,
        newest: int | None = None,
        gaps: int = 0,
        closed: int | None = None,
    ) -> None:
        """Note the end of one request."""
        invocation = INVOCATION.get()
        found = Fetch(
            invocation.check, invocation.at, project, query, failure, kind, newest, gaps, closed
        )
        self.facts.fetches.append(found)

    def unread(self, project: str, query: str, *, kept: bool = False) -> None:
        """Note that what is usual cannot be read; `kept`: an instance remembers it for a while."""
        now = self.clock()
        until = now + MOST + (REMEMBERED if kept else 0)
        self.facts.unread_weeks.setdefault((project, query), []).append((now - BEHIND, until))

    def ended(self, check: int, at: int, how: str) -> None:
        """Note the end of a check."""
        self.facts.checks.append(Ended(check, at, how, self.clock(), self.next()))
        self.figures[f"check: {how}"] += 1
        self.add("end", note=how)

    def reported(self, report: Report) -> None:
        """Note what a check says of its notices."""
        unsent = (
            Unsent(each.notice.as_json(), channel, each.outcome.value, str(each.reason))
            for each in report.not_sent
            for channel in each.channels
        )
        decided = ((each.notice.as_json(), each.channels) for each in report.notices)
        check = INVOCATION.get().check
        abstaining = frozenset(
            (project, each.rule) for project, some in report.abstaining.items() for each in some
        )
        self.facts.reports.append(
            Reported(check, tuple(decided), tuple(unsent), self.next(), abstaining)
        )

    def loads(self) -> None:
        """Note that a check begins to load what is stored."""
        self.facts.loads[INVOCATION.get().check] = self.next()

    def unstored(self, project: str) -> None:
        """Note that a check could not store a document, or could not know that it did."""
        self.facts.unstored.add((INVOCATION.get().check, project))

    def committed(self, document: ProjectState, history: Sequence[Json]) -> None:
        """Note a document that is stored now."""
        pending = sorted(
            (each for each in document.outbox.values() if each.deliveries),
            key=lambda each: each.seq,
        )
        self.facts.commits.append(
            Commit(
                check=INVOCATION.get().check,
                at=self.clock(),
                project=document.project,
                pending={each.notice.id: _pending_channels(each) for each in pending},
                notices={each.notice.id: each.notice.as_json() for each in pending},
                history=tuple(history),
                order=self.next(),
            )
        )
        self._stored(document)
        stored = " ".join(f"{one['kind']}:{one['id'][:6]}" for one in history)
        pending_now = " ".join(
            f"{each.notice.id[:6]}>{'+'.join(each.deliveries)}" for each in pending
        )
        state = f"watermark {(document.watermark - self.scenario.began) // 60:+d} min"
        note = f"version {document.version} {state}, stored [{stored}], pending [{pending_now}]"
        self.add("stored", document.project, note)

    def moved(self, projects: Iterable[str]) -> None:
        """Note a watermark that is stored now."""
        for project in projects:
            self.facts.seen.setdefault(project, self.clock())

    def recorded(self, document: ProjectState, notice_id: str, channel: str) -> None:
        """Note an outcome that is stored now."""
        self._stored(document)
        check = INVOCATION.get().check
        for each in reversed(self.attempts):
            if (each.check, each.channel, each.notice["id"]) == (check, channel, notice_id):
                each.recorded = True
                break
        left = document.outbox.get(notice_id)
        after = left.deliveries.get(channel) if left else None
        settled = after is None or bool(after.dead_letter)
        refused = bool(after and (after.dead_letter or after.given_up)) and not any(
            each.refused and (each.notice, each.channel) == (notice_id, channel)
            for each in self.facts.records
        )
        self.facts.records.append(
            Recorded(
                check=check,
                at=self.clock(),
                project=document.project,
                channel=channel,
                notice=notice_id,
                settled=settled,
                refused=refused,
                order=self.next(),
            )
        )
        note = f"attempts {after.attempts} retry at {after.retry_at}" if after else "settled"
        self.add("recorded", document.project, f"{notice_id[:6]}>{channel}: {note}")

    def expired(self, project: str) -> None:
        """Note a document that expired."""
        self.facts.versions.append(Stored(self.clock(), project, 0))
        self.add("expired", project)

    def letter(self, notice: Json, channel: str) -> None:
        """Note what lies in the dead-letter queue now."""
        whole = json.loads(json.dumps(notice))
        found = DeadLetter(
            INVOCATION.get().check, self.clock(), whole["project"], channel, whole, self.next()
        )
        self.facts.dead_letters.append(found)
        self.add("dead letter", whole["project"], f"{whole['id'][:6]}>{channel}")

    def _stored(self, document: ProjectState) -> None:
        self.facts.seen.setdefault(document.project, self.clock())
        self.facts.versions.append(Stored(self.clock(), document.project, document.version))

    def finish(self) -> Facts:
        """Give everything to the judges."""
        self.facts.sends = [each.fact() for each in self.attempts]
        if not any(key[1] == "listing" for key in self.hit) and not self.figures[UNREAD]:
            self.facts.config_age = self.scenario.ttl + MOST
        missed = any(key[1] == "history" for key in self.hit)
        self.facts.history_read = not (missed or self.figures["outage: history"])
        return self.facts


def _pending_channels(pending: PendingNotice) -> tuple[str, ...]:
    """The channels that have not accepted it; one that was given up only waits for its report."""
    return tuple(name for name, each in pending.deliveries.items() if not each.dead_letter)
