"""The outcome of one project in one check, for the report and for the steps after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from headroom.delivery.decisions import Decision
from headroom.delivery.sent import Sent
from headroom.domain.alerts import RoutedNotice
from headroom.domain.baselines import Abstention, Baselines, abstentions
from headroom.domain.lateness import failed, known
from headroom.domain.outbox import Outbox
from headroom.domain.project_state import ProjectState
from headroom.domain.readings import Answers
from headroom.domain.reasons import Reason
from headroom.domain.rules import Project
from headroom.domain.transition import Entry
from headroom.domain.unreachable import reason_of
from headroom.domain.usage import Calls, Hour, last_hour, newest
from headroom.domain.windows import Moment


@dataclass(frozen=True, slots=True)
class Seen:
    """The calls of one project, as PolyAI reports them."""

    hour: Hour
    calls: Calls | None
    unreadable: Reason | None = None
    """Why one of its queries could not be read, or not far enough."""
    abstaining: tuple[Abstention, ...] = ()
    """Rules that are not judged now, because it is not known what is usual."""


def seen(
    project: Project,
    answers: Answers,
    moment: Moment,
    stopped: Collection[str],
    baselines: Baselines,
) -> Seen:
    """Sum up the answers for metrics and screens; `stopped`: the queries whose data stopped."""
    reached = known(project, answers, moment, stopped)
    return Seen(
        last_hour(project, answers, moment.now),
        newest(project, answers, reached, moment.now),
        reason_of([*failed(project, answers, reached).values()]),
        tuple(abstentions(project, answers, baselines, moment)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectOutcome:
    """The outcome of one project in a check."""

    name: str
    entry: Entry
    unfinished: bool = False
    """It was not judged, or the outcome could not be stored."""
    state: ProjectState | None = None
    """The state after the check; None: it was not judged, or the state could not be stored."""
    seen: Seen | None = None
    """None for an entry without readings: Headroom itself, or an invalid or removed project."""
    notices: tuple[RoutedNotice, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """The outcomes of the notices, and of pending ones that they replaced."""
    outbox: Outbox = field(default_factory=dict)
    """The notices that are pending after the check, or still, if it could not be stored."""
    unreachable: Reason | None = None
    """Why nothing watches the project's readings; an alarm measures for how long."""
    problem: str = ""
    """A line for the report, without the project's name."""
    bug: BaseException | None = None
    """A bug in Headroom broke its first try."""


def joined(first: ProjectOutcome, second: ProjectOutcome) -> ProjectOutcome:
    """Join the outcomes of two tries, when a bug in Headroom broke the first."""
    return replace(
        second,
        bug=first.bug,
        notices=first.notices + second.notices,
        decisions=first.decisions + second.decisions,
        outbox=first.outbox if second.state is None else second.outbox,
    )


def unfinished(outcomes: Iterable[ProjectOutcome]) -> frozenset[str]:
    """The names of the projects that were not judged, or whose outcome could not be stored."""
    return frozenset(each.name for each in outcomes if each.unfinished)


def not_accepted(outcome: ProjectOutcome, sent: Sent) -> list[Decision]:
    """The decisions by channels that did not accept a notice in this check, with reasons."""
    return [one for each in outcome.decisions for one in sent.not_accepted(outcome.name, each)]


def outboxes(
    documents: Mapping[str, ProjectState], outcomes: Collection[ProjectOutcome]
) -> dict[str, Outbox]:
    """The pending notices of every document."""
    stored = {name: each.outbox for name, each in documents.items()}
    return {**stored, **{each.name: each.outbox for each in outcomes}}
