"""The built-in alert `config`: a project's configuration, or a shared part of it, is invalid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headroom.domain.builtin_alerts import BuiltInAlert, by_age
from headroom.domain.headline import CONFIG
from headroom.domain.incidents import Incident
from headroom.domain.reasons import Details
from headroom.domain.rules import (
    DEFAULT_CHANNEL,
    HEADROOM,
    Fault,
    InvalidProject,
    Project,
    Routing,
    Severity,
)
from headroom.domain.windows import Instant


def config_alert(
    entry: InvalidProject | Project, incidents: Mapping[str, Incident], now: Instant
) -> BuiltInAlert:
    """The alert of a project's own configuration: invalid, in parts, or good (severity None)."""
    alert = BuiltInAlert(
        entry.name,
        CONFIG,
        entry.routing,
        None,
        now,
        "",
        entry if isinstance(entry, Project) else None,
        installation=entry.installation,
        series_name=f"groups.{entry.name}" if entry.group else "",
    )
    fault = own_fault(entry)
    return _because_of(fault, alert, incidents, now) if fault else alert


def own_fault(entry: InvalidProject | Project) -> Fault | None:
    """What is wrong with a project's own configuration."""
    return entry.own_problem if isinstance(entry, InvalidProject) else entry.fault


def shared_config_alert(
    place: str,
    fault: Fault,
    routing: Routing | None,
    incidents: Mapping[str, Incident],
    now: Instant,
    installation: str,
) -> BuiltInAlert:
    """The alert of a part of the configuration that is no project's."""
    wanted = routing or dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
    alert = BuiltInAlert(
        HEADROOM, CONFIG, wanted, None, now, "", series=place, installation=installation
    )
    return _because_of(fault, alert, incidents, now)


def _because_of(
    fault: Fault, alert: BuiltInAlert, incidents: Mapping[str, Incident], now: Instant
) -> BuiltInAlert:
    """What is wrong, which version is in force and how old it is, and what is unprotected."""
    reason = f"{fault.reason}{fault.meanwhile.told(now)}"
    found = replace(alert, reason=reason, details=Details(place=fault.place))
    found = by_age(found, incidents, now)
    if fault.harmless:
        return replace(found, severity=Severity.WARNING, eases=True)  # nobody is woken for it
    return found
