"""Causes that several projects can share: one expired key is one alert, however many it blinds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from headroom.domain.builtin_alerts import BuiltInAlert
from headroom.domain.formatting import among
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.notify import with_notified
from headroom.domain.readings import Failure, FailureCode
from headroom.domain.rules import HEADROOM, Project, Refused, Routing, Severity
from headroom.domain.unreachable import KEY_REFUSED, reason_of, severity_of
from headroom.domain.windows import Instant

Cause = str
"""What is at fault, as people call it: `key default in uk-1`, `region uk-1`. It names the alert."""

ITSELF = "Headroom itself"
"""The cause where a bug of ours keeps projects from being checked."""

STATE = "stored state"
"""The cause where stored documents cannot be read, such as after a rollback."""

_ONE_REQUEST = re.compile(r"; not asked again before | \(correlation id ")

THEIR_OWN = frozenset({400, 404, 501})
"""Statuses that speak of one project's ids, filters and rules."""


def key_of(project: Project) -> Cause:
    """A key belongs to one region: in another it was never accepted."""
    return f"key {project.api_key} in {project.region}"


def region_of(project: Project) -> Cause:
    """The host that answers for it."""
    return f"region {project.region}"


def cause_of(project: Project, failure: Failure) -> Cause | None:
    """What is at fault; None: something of this project alone."""
    if failure.code in THEIR_OWN:
        return None
    if failure.code in KEY_REFUSED or failure.code == FailureCode.KEY:
        return key_of(project)
    return ITSELF if failure.code == FailureCode.BUG else region_of(project)


def causes_of(project: Project, failures: Iterable[Failure]) -> frozenset[Cause]:
    """All that is at fault where these queries failed."""
    found = (cause_of(project, each) for each in failures)
    return frozenset(each for each in found if each is not None)


def possible(project: Project) -> frozenset[Cause]:
    """Every cause that could make this project fail."""
    return frozenset({key_of(project), region_of(project), ITSELF})


def hidden(project: Project, failures: Iterable[Failure]) -> frozenset[Cause]:
    """The causes that may go on unseen behind these failures: a refusal shows a region up."""
    answered = all(each.code in KEY_REFUSED for each in failures)
    return possible(project) - {region_of(project)} if answered else possible(project)


def its_own(
    project: Project, failures: Iterable[Failure], shared: Collection[Cause]
) -> list[Failure]:
    """The failures that belong in the project's own alert: those of no shared cause."""
    return [each for each in failures if cause_of(project, each) not in shared]


@dataclass(frozen=True, slots=True)
class Blind:
    """One project that fails because of a cause, and has no alert of its own."""

    name: str
    routing: Routing
    since: Instant
    failures: tuple[Failure, ...]
    """Those that the cause explains."""
    why: str


def causes_since(
    project: Project,
    failures: Iterable[Failure],
    before: Mapping[Cause, Instant],
    failing_since: Instant | None,
    now: Instant,
) -> dict[Cause, Instant]:
    """What is at fault now, each with since when every check has seen it.

    `before`: the same of the previous check; older documents do not have it.
    """
    new = now if before or failing_since is None else failing_since
    return {each: before.get(each, new) for each in sorted(causes_of(project, failures))}


def blind(
    project: Project, failures: Iterable[Failure], since: Mapping[Cause, Instant]
) -> dict[Cause, Blind]:
    """The same project once for each cause of its failures."""
    found: dict[Cause, list[Failure]] = {}
    for each in failures:
        cause = cause_of(project, each)
        if cause is not None:
            found.setdefault(cause, []).append(each)
    return {
        cause: Blind(project.name, project.routing, since[cause], tuple(by), reason_of(project, by))
        for cause, by in found.items()
    }


def not_asked(refused: Refused, since: Mapping[Cause, Instant]) -> dict[Cause, Blind]:
    """A project that failed until its configuration became invalid, once for each cause."""
    why = "not asked again, invalid configuration"
    failure = Failure(FailureCode.REFUSED, why, lasting=True)
    return {
        cause: Blind(refused.name, refused.routing, first, (failure,), why)
        for cause, first in since.items()
    }


def unreachable_by(
    cause: Cause,
    covered: Sequence[Blind],
    now: Instant,
    installation: str,
    fires_since: Instant | None = None,
) -> BuiltInAlert:
    """The alert of a cause: as severe as its age makes it.

    That is `fires_since` where it fires already, else the age of the project that has failed the
    longest.
    """
    covered = sorted(covered, key=lambda each: each.name)
    names = [each.name for each in covered]
    since = min(each.since for each in covered) if fires_since is None else fires_since
    return BuiltInAlert(
        project=HEADROOM,
        rule=UNREACHABLE,
        routing={severity: _channels(severity, covered) for severity in Severity},
        severity=severity_of([one for each in covered for one in each.failures], now - since),
        since=since,
        reason=f"{_commonest(covered)}: {among(names)}",
        series=cause,
        series_name=f"{len(names)} projects" if len(names) > 1 else names[0],
        spreads=True,
        installation=installation,
    )


def kept_from(alone: BuiltInAlert, since: Instant) -> Blind:
    """A project whose stored document cannot be read, from the alert that it would have alone."""
    failure = Failure(FailureCode.STATE, alone.reason, lasting=True)
    return Blind(alone.project, alone.routing, since, (failure,), alone.reason)


def open_causes(incidents: Mapping[str, Incident]) -> dict[Cause, Instant]:
    """The causes whose alert fires, and since when; `incidents` are Headroom's own."""
    return {each.last.series: each.episode.window for each in incidents.values() if of_cause(each)}


def of_cause(incident: Incident) -> bool:
    """Whether an incident of Headroom's own is that of a cause, and not of one project."""
    return incident.last.rule == UNREACHABLE and bool(incident.last.series)


def _channels(severity: Severity, covered: Sequence[Blind]) -> tuple[str, ...]:
    return with_notified((), tuple(name for each in covered for name in each.routing[severity]))


def _commonest(covered: Sequence[Blind]) -> str:
    """Why most of them cannot be read, without what belongs to one request."""
    said = Counter(_ONE_REQUEST.split(each.why)[0] for each in covered)
    return said.most_common(1)[0][0]
