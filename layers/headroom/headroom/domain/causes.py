"""Causes that several projects can share: one expired key is one alert for all its projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from headroom.domain.builtin_alerts import BuiltInAlert
from headroom.domain.formatting import among
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.lines import Line, LineFailure
from headroom.domain.notify import with_notified
from headroom.domain.readings import Failure, FailureCode
from headroom.domain.reasons import NO_DETAILS, Details
from headroom.domain.rules import HEADROOM, InvalidProject, Project, Routing, Severity
from headroom.domain.unreachable import KEY_REFUSED, severity_of, why
from headroom.domain.windows import Instant

Cause = str
"""A cause as people call it: `key default in uk-1`, `region uk-1`. It names the alert."""

ITSELF = "Headroom itself"
"""The cause when a bug in Headroom keeps projects from being checked."""

STATE = "stored state"
"""The cause when stored documents cannot be read, such as after a rollback."""

THEIR_OWN = frozenset({400, 404, 501})
"""Statuses about one project's own ids, filters and rules."""


def key_of(line: Line) -> Cause:
    """The cause of a key. It belongs to one region: another never accepts it."""
    return f"key {line.api_key} in {line.region}"


def region_of(line: Line) -> Cause:
    """The cause of the host that answers for the line."""
    return f"region {line.region}"


def cause_of(failed: LineFailure) -> Cause | None:
    """The cause of a failure; None: it concerns this line alone."""
    code = failed.failure.code
    if code in THEIR_OWN:
        return None
    if code in KEY_REFUSED or code == FailureCode.KEY:
        return key_of(failed.line)
    return ITSELF if code == FailureCode.BUG else region_of(failed.line)


def causes_of(failures: Iterable[LineFailure]) -> frozenset[Cause]:
    """The causes of these failures."""
    found = map(cause_of, failures)
    return frozenset(each for each in found if each is not None)


def possible(project: Project) -> frozenset[Cause]:
    """Every cause that can make this project fail."""
    lines = project.lines
    return frozenset({ITSELF, *map(key_of, lines), *map(region_of, lines)})


def hidden(project: Project, failures: Collection[LineFailure]) -> frozenset[Cause]:
    """The causes that these failures may hide. A refused key shows that its region is up."""
    passing = {region_of(each.line) for each in failures if each.failure.code not in KEY_REFUSED}
    up = {region_of(each.line) for each in failures} - passing
    return possible(project) - up


def its_own(failures: Iterable[LineFailure], shared: Collection[Cause]) -> list[LineFailure]:
    """The failures that belong in the project's own alert: those without a shared cause."""
    return [each for each in failures if cause_of(each) not in shared]


@dataclass(frozen=True, slots=True)
class BlindProject:
    """A project that fails because of a shared cause, and has no alert of its own."""

    name: str
    routing: Routing
    since: Instant
    failures: tuple[Failure, ...]
    """The failures that the cause explains."""
    why: str
    details: Details = NO_DETAILS
    """What `why` is about, but for what belongs to one request."""


def causes_since(
    failures: Iterable[LineFailure],
    before: Mapping[Cause, Instant],
    failing_since: Instant | None,
    now: Instant,
) -> dict[Cause, Instant]:
    """The causes of now, each with the time since which every check has seen it.

    `before`: those of the previous check; older documents do not have them.
    """
    new = now if before or failing_since is None else failing_since
    return {each: before.get(each, new) for each in sorted(causes_of(failures))}


def blind_projects(
    project: Project, failures: Iterable[LineFailure], since: Mapping[Cause, Instant]
) -> dict[Cause, BlindProject]:
    """The project by each cause of its failures."""
    found: dict[Cause, list[LineFailure]] = {}
    for each in failures:
        cause = cause_of(each)
        if cause is not None:
            found.setdefault(cause, []).append(each)
    return {cause: _blind(project, by, since[cause]) for cause, by in found.items()}


def _blind(project: Project, failures: Sequence[LineFailure], since: Instant) -> BlindProject:
    reason, details = why(failures)
    details = Details(code=details.code, key=details.key)
    found = tuple(each.failure for each in failures)
    routing = project.alerted or project.routing
    return BlindProject(project.name, routing, since, found, reason, details)


def not_asked(invalid: InvalidProject, since: Mapping[Cause, Instant]) -> dict[Cause, BlindProject]:
    """A project that failed until its configuration became invalid, by each cause."""
    reason = "not asked again, invalid configuration"
    failure = Failure(FailureCode.CONFIG, reason, lasting=True)
    return {
        cause: BlindProject(invalid.name, invalid.routing, first, (failure,), reason)
        for cause, first in since.items()
    }


def cause_alert(
    cause: Cause,
    covered: Sequence[BlindProject],
    now: Instant,
    installation: str,
    fires_since: Instant | None = None,
) -> BuiltInAlert:
    """The alert of a cause, as severe as its age makes it.

    The age counts from `fires_since` if the alert fires already, else from the first failure of any
    of its projects.
    """
    covered = sorted(covered, key=lambda each: each.name)
    names = [each.name for each in covered]
    since = min(each.since for each in covered) if fires_since is None else fires_since
    reason, details = _commonest(covered)
    return BuiltInAlert(
        project=HEADROOM,
        rule=UNREACHABLE,
        routing={severity: _channels(severity, covered) for severity in Severity},
        severity=severity_of([one for each in covered for one in each.failures], now - since),
        since=since,
        reason=f"{reason}: {among(names)}",
        details=details,
        series=cause,
        series_name=f"{len(names)} projects" if len(names) > 1 else names[0],
        spreads=True,
        installation=installation,
    )


def covered_project(alone: BuiltInAlert, since: Instant) -> BlindProject:
    """A project whose document cannot be read, from the alert that it would have alone."""
    failure = Failure(FailureCode.STATE, alone.reason, lasting=True)
    return BlindProject(alone.project, alone.routing, since, (failure,), alone.reason)


def open_causes(incidents: Mapping[str, Incident]) -> dict[Cause, Instant]:
    """The causes whose alert fires, and since when; `incidents`: Headroom's own."""
    return {each.last.series: each.episode.window for each in incidents.values() if of_cause(each)}


def of_cause(incident: Incident) -> bool:
    """Whether an incident of Headroom's own belongs to a cause, and not to one project."""
    return incident.last.rule == UNREACHABLE and bool(incident.last.series)


def _channels(severity: Severity, covered: Sequence[BlindProject]) -> tuple[str, ...]:
    return with_notified((), tuple(name for each in covered for name in each.routing[severity]))


def _commonest(covered: Sequence[BlindProject]) -> tuple[str, Details]:
    """Why most of them cannot be read."""
    return Counter((each.why, each.details) for each in covered).most_common(1)[0][0]
