"""What one check did: the handler's answer, and what the edge logs and counts."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.bugs import places
from headroom.config.configuration import Configuration
from headroom.domain.alerts import Told
from headroom.domain.blindness import reason_of
from headroom.domain.calls import Calls, Hour, last_hour, newest
from headroom.domain.incidents import Incident
from headroom.domain.lateness import failed, known
from headroom.domain.outbox import Outbox
from headroom.domain.readings import Answer, Failure
from headroom.domain.rules import Project, Refused
from headroom.domain.windows import Instant, Moment, iso
from headroom.errors import BrokenCheck
from headroom.own import Own


@dataclass(slots=True)
class Report:
    """Collected while the check runs; facts only, nothing secret."""

    at: Instant
    projects: int = 0
    checked: int = 0
    unreachable: dict[str, str] = field(default_factory=dict)
    """Projects with a query that failed, and why."""
    refused: dict[str, str] = field(default_factory=dict)
    """Projects with an invalid configuration, and why; a cause they share is in `problems`."""
    faults: int = 0
    """What is wrong with the configuration beside the projects."""
    calls: dict[str, Calls] = field(default_factory=dict)
    """Of projects with a reading of the whole; not in the answer: metrics, where wanted."""
    hours: dict[str, Hour] = field(default_factory=dict)
    """Of projects whose whole was read: the last hour. Not in the answer: for a screen."""
    incidents: dict[str, tuple[Incident, ...]] = field(default_factory=dict)
    """Of each project that had its turn: what is open after it. Not in the answer either."""
    told: list[Told] = field(default_factory=list)
    sent: int = 0
    failed: int = 0
    """Sends that did not succeed; each is tried again or lies in the dead-letter queue."""
    pending: int = 0
    """What channels still owe when the check ends."""
    oldest_pending_seconds: int = 0
    duration_seconds: float = 0.0
    closed: Instant | None = None
    """The newest window that took effect."""
    moment: Moment | None = None
    """By what the projects are judged."""
    dropped: str = ""
    """Why nothing was done, when the event was too old."""
    problems: list[str] = field(default_factory=list)
    """What somebody should look at: a line each."""
    bugs: list[BaseException] = field(default_factory=list)
    """Slips of ours, each on one project or channel; the rest was done."""

    @classmethod
    def begun(cls, moment: Moment, config: Configuration) -> Report:
        """What is known before the first project's turn."""
        return cls(
            at=moment.now,
            closed=moment.closed,
            moment=moment,
            projects=len(config.projects) + len(config.refused),
            faults=len(config.faults) + bool(config.unread),
            problems=config.problems(),
        )

    def add(
        self,
        entry: Project | Refused | Own | None,
        answers: Mapping[str, Answer | Failure],
        told: Sequence[Told],
        incidents: Iterable[Incident] = (),
        stopped: Collection[str] = (),
    ) -> None:
        """Count one project's turn; `incidents` are open after it, `stopped` queries stop."""
        self.told += told
        if isinstance(entry, Refused) and entry.own_problem:
            self.refused[entry.name] = entry.own_problem
        if isinstance(entry, Project) and entry.fault:
            self.refused[entry.name] = entry.fault
        if isinstance(entry, Project | Refused):
            self.incidents[entry.name] = tuple(incidents)
        if not isinstance(entry, Project) or self.moment is None:
            return
        self.hours[entry.name] = last_hour(entry, answers, self.at)
        reached = known(entry, answers, self.moment, stopped)
        calls = newest(entry, answers, reached, self.moment.now)
        self.calls |= {entry.name: calls} if calls else {}
        failures = failed(answers, reached)
        if failures:
            self.unreachable[entry.name] = reason_of(entry, [*failures.values()])

    def owe(
        self,
        outboxes: Mapping[str, Outbox],
        settled: Container[tuple[str, str, str]],
        now: Instant,
    ) -> None:
        """Count what channels still owe; `settled`: project, notice id and channel of the rest."""
        waiting = [
            pending.since(channel)
            for project, outbox in outboxes.items()
            for pending in outbox.values()
            for channel, owed in pending.owed.items()
            if not owed.refused and (project, pending.notice.id, channel) not in settled
        ]
        self.pending = len(waiting)
        self.oldest_pending_seconds = max((now - queued for queued in waiting), default=0)

    def raise_bugs(self) -> None:
        """End in failure if anything broke, once all that was done has been told.

        Raises BrokenCheck.
        """
        if self.bugs:
            raise BrokenCheck(places(self.bugs))

    def as_json(self) -> dict[str, Any]:
        """The handler's answer."""
        return {
            "at": iso(self.at),
            "closed": iso(self.closed) if self.closed is not None else None,
            "projects": self.projects,
            "checked": self.checked,
            "unreachable": self.unreachable,
            "config_errors": self.refused,
            "notices": [
                {**each.notice.as_json(), "channels": list(each.channels)} for each in self.told
            ],
            "sent": self.sent,
            "failed": self.failed,
            "pending": self.pending,
            "oldest_pending_seconds": self.oldest_pending_seconds,
            "duration_seconds": round(self.duration_seconds, 3),
            "dropped": self.dropped,
            "problems": [*self.problems, *places(self.bugs)],
        }
