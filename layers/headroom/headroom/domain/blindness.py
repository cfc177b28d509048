"""The built-in alert `unreachable`: nobody can see, or nobody looks at, a project's readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.lateness import LATE
from headroom.domain.notices import digest
from headroom.domain.readings import Failure
from headroom.domain.rules import DEFAULT_CHANNEL, Project, Refused, Severity
from headroom.domain.troubles import Trouble
from headroom.domain.windows import Instant, iso

PATIENCE = 600
"""Seconds before a failure that may pass by itself is told."""

CRITICAL_AFTER = 1800
"""Seconds without readings after which a project that cannot be read is critical."""


def unreachable(
    project: Project, failures: Sequence[Failure], since: Instant | None, now: Instant
) -> Trouble:
    """The alert of a project with at least one query that failed, first at `since`."""
    first = now if since is None else since
    worst = _worst(failures)
    return Trouble(
        project=project.name,
        rule=UNREACHABLE,
        routing=project.routing,
        severity=_blindness(worst, now - first),
        since=first,
        reason=reason_of(failures),
        line=project,
        installation=project.installation,
    )


def kept_away(
    name: str,
    entry: Project | Refused | None,
    why: str,
    incidents: Mapping[str, Incident],
    now: Instant,
    installation: str,
) -> Trouble:
    """The alert of a project whose stored document makes no sense: nobody looks at its readings."""
    before = incidents.get(digest(name, UNREACHABLE, ""))
    since = before.window if before else now
    severity = Severity.CRITICAL if now - since >= CRITICAL_AFTER else Severity.WARNING
    routing = entry.routing if entry else dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
    line = entry if isinstance(entry, Project) else None
    return Trouble(
        name, UNREACHABLE, routing, severity, since, why, line, installation=installation
    )


def reason_of(failures: Sequence[Failure]) -> str:
    """The failure that matters most, in one line; empty without any."""
    worst = _worst(failures)
    return _reason(worst) if worst else ""


def _worst(failures: Sequence[Failure]) -> Failure | None:
    return max(failures, key=lambda each: (each.lasting, _at_once(each)), default=None)


def _at_once(failure: Failure) -> bool:
    """Whether it is told without waiting: it does not pass, or was waited for already."""
    return failure.lasting or failure.code == LATE


def _blindness(failure: Failure | None, seconds: int) -> Severity | None:
    if failure is None:
        return None
    if seconds >= CRITICAL_AFTER:
        return Severity.CRITICAL
    return Severity.WARNING if _at_once(failure) or seconds >= PATIENCE else None


def _reason(failure: Failure) -> str:
    correlation = f" (correlation id {failure.correlation_id})" if failure.correlation_id else ""
    status = f"{failure.code} " if isinstance(failure.code, int) else ""  # words are in the detail
    wait = f"; not asked again before {iso(failure.until)}" if failure.until else ""
    return f"{status}{failure.detail}{wait}{correlation}"
