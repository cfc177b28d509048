"""The built-in alert `unreachable`: nobody can see, or nobody looks at, a project's readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.domain.builtin_alerts import CRITICAL_AFTER, BuiltInAlert, worsened
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.readings import Failure, FailureCode
from headroom.domain.rules import DEFAULT_CHANNEL, Project, Refused, Severity
from headroom.domain.windows import Instant, iso

PATIENCE = 600
"""Seconds before a failure that may pass by itself is told."""

KEY_REFUSED = frozenset({401, 403})
"""Statuses that say something of the API key, so its name belongs in the reason."""


def unreachable(
    project: Project, failures: Sequence[Failure], since: Instant | None, now: Instant
) -> BuiltInAlert:
    """The alert of a project with at least one query that failed, first at `since`."""
    first = now if since is None else since
    return BuiltInAlert(
        project=project.name,
        rule=UNREACHABLE,
        routing=project.routing,
        severity=severity_of(failures, now - first),
        since=first,
        reason=reason_of(project, failures),
        line=project,
        installation=project.installation,
    )


def unreadable_state(
    name: str,
    entry: Project | Refused | None,
    why: str,
    incidents: Mapping[str, Incident],
    now: Instant,
    installation: str,
) -> BuiltInAlert:
    """The alert of a project whose stored document makes no sense: nobody looks at its readings."""
    routing = entry.routing if entry else dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
    line = entry if isinstance(entry, Project) else None
    trouble = BuiltInAlert(
        name, UNREACHABLE, routing, Severity.WARNING, now, why, line, installation=installation
    )
    return worsened(trouble, incidents, now)


def severity_of(failures: Sequence[Failure], seconds: int) -> Severity | None:
    """How bad these failures are after so many seconds; None: not worth a notice yet."""
    if not failures:
        return None
    if seconds >= CRITICAL_AFTER:
        return Severity.CRITICAL
    at_once = any(map(_at_once, failures))
    return Severity.WARNING if at_once or seconds >= PATIENCE else None


def _at_once(failure: Failure) -> bool:
    """Whether it is told without waiting: it does not pass, or was waited for already."""
    return failure.lasting or failure.code == FailureCode.LATE


def reason_of(project: Project, failures: Sequence[Failure]) -> str:
    """The failure that matters most, in one line; empty without any."""
    worst = max(failures, key=lambda each: (each.lasting, _at_once(each)), default=None)
    return _reason(project, worst) if worst else ""


def _reason(project: Project, failure: Failure) -> str:
    correlation = f" (correlation id {failure.correlation_id})" if failure.correlation_id else ""
    status = f"{failure.code} " if isinstance(failure.code, int) else ""  # words are in the detail
    key = f'key "{project.api_key}" ' if failure.code in KEY_REFUSED else ""
    wait = f"; not asked again before {iso(failure.until)}" if failure.until else ""
    return f"{status}{key}{failure.detail}{wait}{correlation}"
