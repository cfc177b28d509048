"""The built-in alert `unreachable`: Headroom cannot read, or cannot judge, a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headroom.domain.builtin_alerts import CRITICAL_AFTER, BuiltInAlert, by_age
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.lines import LineFailure
from headroom.domain.readings import Failure, FailureCode
from headroom.domain.reasons import NO_DETAILS, Details, Reason
from headroom.domain.rules import DEFAULT_CHANNEL, InvalidProject, Project, Severity
from headroom.domain.windows import Instant

PATIENCE = 600
"""Seconds before a failure that may pass by itself is notified."""

KEY_REFUSED = frozenset({401, 403})
"""Statuses about the API key: its name belongs in the reason."""


def unreachable_alert(
    project: Project, failures: Sequence[LineFailure], since: Instant | None, now: Instant
) -> BuiltInAlert:
    """The alert of a project with at least one query that failed, first at `since`."""
    first = now if since is None else since
    reason, details = why(failures)
    if len(project.lines) > 1 and failures:
        reason = f"{worst(failures).line.name}: {reason}"
    return BuiltInAlert(
        project=project.name,
        rule=UNREACHABLE,
        routing=project.alerted or project.routing,
        severity=severity_of([each.failure for each in failures], now - first),
        since=first,
        reason=reason,
        details=details,
        of=project,
        installation=project.installation,
    )


def unreadable_state_alert(
    name: str,
    entry: Project | InvalidProject | None,
    why: str,
    incidents: Mapping[str, Incident],
    now: Instant,
    installation: str,
) -> BuiltInAlert:
    """The alert of a project whose stored document is invalid: its readings are not judged."""
    routing = entry.routing if entry else dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
    line = entry if isinstance(entry, Project) else None
    alert = BuiltInAlert(
        name, UNREACHABLE, routing, Severity.WARNING, now, why, line, installation=installation
    )
    return by_age(alert, incidents, now)


def severity_of(failures: Sequence[Failure], seconds: int) -> Severity | None:
    """The severity of these failures after so many seconds; None: not worth a notice yet."""
    if not failures:
        return None
    if seconds >= CRITICAL_AFTER:
        return Severity.CRITICAL
    at_once = any(map(_at_once, failures))
    return Severity.WARNING if at_once or seconds >= PATIENCE else None


def _at_once(failure: Failure) -> bool:
    """Whether it is notified without waiting: it does not pass, or was waited for already."""
    return failure.lasting or failure.code == FailureCode.LATE


def why(failures: Sequence[LineFailure]) -> tuple[str, Details]:
    """The failure that matters most: the reason in one line, and its fields; empty without any."""
    if not failures:
        return "", NO_DETAILS
    line, matters = worst(failures).line, worst(failures).failure
    details = Details(
        code=str(matters.code),
        key=line.api_key if matters.code in KEY_REFUSED else "",
        correlation_id=matters.correlation_id,
        until=matters.until,
    )
    status = f"{matters.code} " if isinstance(matters.code, int) else ""  # words are in the detail
    key = f'key "{details.key}" ' if details.key else ""
    return f"{status}{key}{matters.detail}", details


def worst(failures: Sequence[LineFailure]) -> LineFailure:
    """The failure that matters most."""
    return max(failures, key=lambda each: (each.failure.lasting, _at_once(each.failure)))


def reason_of(failures: Sequence[LineFailure]) -> Reason | None:
    """Why a project cannot be read, with all that is known; None without a failure."""
    return Reason(*why(failures)) if failures else None
