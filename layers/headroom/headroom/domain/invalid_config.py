"""The built-in alert `config`: a project's configuration, or a shared part of it, is invalid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from headroom.domain.builtin_alerts import BuiltInAlert, by_age
from headroom.domain.formatting import within_project
from headroom.domain.headline import CONFIG
from headroom.domain.incidents import Incident
from headroom.domain.notices import Details
from headroom.domain.rules import (
    DEFAULT_CHANNEL,
    HEADROOM,
    InvalidProject,
    Project,
    Routing,
    Severity,
)
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a part of the configuration that is no project's."""

    reason: str
    place: str = ""
    """The first place inside the part that it names: `region` of `defaults`."""


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
    )
    problem = entry.fault if isinstance(entry, Project) else entry.own_problem
    if not problem:
        return alert
    # The notice names the project, so neither the place nor the reason does.
    place = entry.fault_place.removeprefix(f"projects.{entry.name}").removeprefix(".")
    reason = within_project(entry.name, problem).removeprefix(f"{place}: ")
    found = replace(alert, reason=reason, details=Details(place=place))
    found = by_age(found, incidents, now)
    if isinstance(entry, Project) and entry.harmless:
        return replace(found, severity=Severity.WARNING, eases=True)  # nobody is woken for it
    return found


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
        HEADROOM, CONFIG, wanted, None, now, fault.reason, series=place, installation=installation
    )
    alert = replace(alert, details=Details(place=fault.place))
    return by_age(alert, incidents, now)
