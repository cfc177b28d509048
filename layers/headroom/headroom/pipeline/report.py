"""The report of one check: the function returns it, and logs and counts from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from headroom.delivery.decisions import Decision
from headroom.delivery.sent import Sent
from headroom.domain.alerts import RoutedNotice
from headroom.domain.baselines import Abstention
from headroom.domain.delivery_failures import FailureReason
from headroom.domain.hours import Hours
from headroom.domain.incidents import Incident
from headroom.domain.reasons import Reason
from headroom.domain.rules import InvalidProject, Project
from headroom.domain.usage import Calls, Hour
from headroom.domain.windows import Instant, iso, window_of
from headroom.errors import BrokenCheck, places
from headroom.pipeline.context import CheckContext
from headroom.pipeline.heartbeat import Beat
from headroom.pipeline.outcomes import ProjectOutcome, Seen, not_accepted, outboxes, unfinished
from headroom.pipeline.progress import Stored


@dataclass(frozen=True, slots=True)
class Facts:
    """The results of the steps of one check."""

    outcomes: Sequence[ProjectOutcome]
    watermark: Stored
    sent: Sent
    remembered: Stored

    @property
    def bugs(self) -> list[BaseException]:
        """Bugs in Headroom that broke a part of the check."""
        return [*(each.bug for each in self.outcomes if each.bug), *self.sent.bugs]

    @property
    def complete(self) -> bool:
        """Whether everything was judged and stored, with the result of each send."""
        stored = not self.watermark.failed and self.sent.recorded
        return stored and not unfinished(self.outcomes) and not self.bugs

    @property
    def problems(self) -> list[str]:
        """Problems outside the projects, a line each."""
        written = [self.watermark.problem, self.remembered.problem]
        return [*self.sent.problems, *filter(None, written)]


@dataclass(slots=True)
class Report:
    """The facts of one check; none is secret."""

    at: Instant
    projects: int = 0
    checked: int = 0
    configured: frozenset[str] = frozenset()
    """The projects of the configuration, valid or not; for screens."""
    not_finished: frozenset[str] = frozenset()
    """Projects that were not judged, or whose outcome could not be stored; for screens."""
    without_rules: frozenset[str] = frozenset()
    """Projects with an invalid configuration, of which nothing can be judged; for screens."""
    unreachable: dict[str, Reason] = field(default_factory=dict)
    """Projects with a query that failed, and why."""
    invalid: dict[str, str] = field(default_factory=dict)
    """Projects with an invalid configuration, and why; a cause they share is in `problems`."""
    unjudged: dict[str, frozenset[str]] = field(default_factory=dict)
    """Rules that are not judged, by project; for screens, not in the answer."""
    abstaining: dict[str, tuple[Abstention, ...]] = field(default_factory=dict)
    """Rules that are not judged now, because it is not known what is usual, by project."""
    inactive: dict[str, tuple[Hours, ...]] = field(default_factory=dict)
    """Projects none of whose rules is active now, and their hours; for screens."""
    faults: int = 0
    """The number of problems in the configuration outside the projects."""
    calls: dict[str, Calls] = field(default_factory=dict)
    """The newest calls of each project whose total was read; for metrics, not in the answer."""
    hours: dict[str, Hour] = field(default_factory=dict)
    """The last hour of each project whose total was read; for screens, not in the answer."""
    incidents: dict[str, tuple[Incident, ...]] = field(default_factory=dict)
    """The open incidents of each project that was judged; not in the answer."""
    notices: list[RoutedNotice] = field(default_factory=list)
    """The notices of this check."""
    not_sent: list[Decision] = field(default_factory=list)
    """Notices that a channel did not get in this check, and why: withheld, waiting or failed."""
    sent: int = 0
    failures: Counter[FailureReason] = field(default_factory=Counter)
    """Failed sends, by reason; each is tried again, or is in the dead-letter queue."""
    baselines_overdue: int = 0
    """Baselines that rules need and that are missing, unreadable or older than two days."""
    pending: int = 0
    """The deliveries that are pending at the end of the check."""
    oldest_pending_seconds: int = 0
    duration_seconds: float = 0.0
    closed: Instant | None = None
    """The newest window that took effect."""
    dropped: str = ""
    """Why there was no check, when the event was too old."""
    unfinished: dict[str, str] = field(default_factory=dict)
    """Projects that were not judged, or whose outcome could not be stored, and why."""
    other_problems: list[str] = field(default_factory=list)
    """Other problems, a line each."""
    bugs: list[BaseException] = field(default_factory=list)
    """Bugs in Headroom, each in one project or channel; the rest of the check was done."""

    @classmethod
    def of(cls, context: CheckContext, facts: Facts, heartbeat: Beat, *, seconds: float) -> Report:
        """Build the report, once, from the results of the steps."""
        config, outcomes = context.config, facts.outcomes
        left, configured = unfinished(outcomes), config.projects.keys() | config.invalid.keys()
        pending = _pending(context, facts)
        report = cls(
            at=context.moment.now,
            closed=context.moment.closed,
            projects=len(config.projects) + len(config.invalid),
            checked=len(config.projects.keys() - left),
            configured=frozenset(configured),
            not_finished=left & configured,
            without_rules=frozenset(config.invalid),
            faults=len(config.faults) + bool(config.unread),
            notices=[notice for each in outcomes for notice in each.notices],
            not_sent=[one for each in outcomes for one in not_accepted(each, facts.sent)],
            sent=facts.sent.sent,
            failures=facts.sent.failures,
            baselines_overdue=context.baselines.overdue,
            pending=len(pending),
            oldest_pending_seconds=max((context.lease.now - each for each in pending), default=0),
            duration_seconds=seconds,
            unfinished={each.name: each.problem for each in outcomes if each.problem},
            other_problems=[*config.problems(), *context.baselines.problems, *facts.problems],
            bugs=[*facts.bugs, *context.baselines.bugs],
        )
        if heartbeat.problem:
            report.other_problems.append(heartbeat.problem)
        if heartbeat.bug:
            report.bugs.append(heartbeat.bug)
        for each in outcomes:
            report._add(each)
        return report

    def _add(self, outcome: ProjectOutcome) -> None:
        entry = outcome.entry
        if outcome.unreachable:
            self.unreachable[outcome.name] = outcome.unreachable
        if outcome.state is None or not isinstance(entry, Project | InvalidProject):
            return
        if fault := entry.fault if isinstance(entry, Project) else entry.own_problem:
            self.invalid[entry.name] = str(fault)
        if isinstance(entry, Project):
            self._add_rules(entry)
        self.incidents[entry.name] = tuple(outcome.state.incidents.values())
        if outcome.seen is not None:
            self._add_seen(entry.name, outcome.seen)

    def _add_rules(self, project: Project) -> None:
        if project.unjudged:
            self.unjudged[project.name] = project.unjudged
        hours = tuple(rule.hours for rule in project.rules)
        if hours and not any(each.active(window_of(self.at)) for each in hours):
            self.inactive[project.name] = hours

    def _add_seen(self, name: str, seen: Seen) -> None:
        self.hours[name] = seen.hour
        if seen.calls:
            self.calls[name] = seen.calls
        if seen.abstaining:
            self.abstaining[name] = seen.abstaining
        if seen.unreadable:
            self.unreachable[name] = seen.unreadable

    @property
    def failed(self) -> int:
        """How many sends failed."""
        return self.failures.total()

    @property
    def problems(self) -> list[str]:
        """All problems that somebody should look at, a line each."""
        return [*self.other_problems, *(f"{name}: {why}" for name, why in self.unfinished.items())]

    def raise_bugs(self) -> None:
        """Raise BrokenCheck if a bug broke a part of the check; call it after the report is out."""
        if self.bugs:
            raise BrokenCheck(places(self.bugs))

    def as_json(self) -> dict[str, Any]:
        """The handler's answer."""
        return {
            "at": iso(self.at),
            "closed": iso(self.closed) if self.closed is not None else None,
            "projects": self.projects,
            "checked": self.checked,
            "unreachable": {name: str(why) for name, why in self.unreachable.items()},
            "config_errors": self.invalid,
            "abstaining": [
                {"project": name, "rule": one.rule, "series": one.series, "reason": one.reason}
                for name, found in self.abstaining.items()
                for one in found
            ],
            "notices": [
                {**each.notice.as_json(), "channels": list(each.channels)} for each in self.notices
            ],
            "not_sent": [_as_json(each) for each in self.not_sent],
            "sent": self.sent,
            "failed": self.failed,
            "failed_by_reason": {reason.value: n for reason, n in sorted(self.failures.items())},
            "baselines_overdue": self.baselines_overdue,
            "pending": self.pending,
            "oldest_pending_seconds": self.oldest_pending_seconds,
            "duration_seconds": round(self.duration_seconds, 3),
            "dropped": self.dropped,
            "problems": [*self.problems, *places(self.bugs)],
        }


def _pending(context: CheckContext, facts: Facts) -> list[Instant]:
    """Since when each notice is pending on each of its channels."""
    settled = facts.sent.settled
    return [
        pending.since(channel)
        for project, outbox in outboxes(context.loaded.documents, facts.outcomes).items()
        for pending in outbox.values()
        for channel, delivery in pending.deliveries.items()
        if not delivery.dead_letter and (project, pending.notice.id, channel) not in settled
    ]


def _as_json(decision: Decision) -> dict[str, Any]:
    """A decision as JSON, with its notice."""
    notice = decision.notice
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "severity": notice.severity.value,
        "project": notice.project,
        "rule": notice.rule,
        "series": notice.series,
        "channels": list(decision.channels),
        "outcome": decision.outcome.value,
        "reason": str(decision.reason),
        "detail": decision.detail,
    }
