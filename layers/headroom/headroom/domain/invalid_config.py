"""The built-in alert `config`: a project's configuration, or a shared part of it, is invalid.

Holidays that are soon not known any longer are such a fault too: a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from headroom.domain.builtin_alerts import BuiltInAlert, by_age
from headroom.domain.headline import CONFIG
from headroom.domain.hours import DAY, start_of
from headroom.domain.incidents import Incident
from headroom.domain.notices import Details
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

SOON = 30 * DAY
"""Seconds before the last day of known holidays from which on the alert asks for more."""


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
    fault = own_fault(entry, now)
    if not fault:
        return alert
    found = by_age(_because_of(fault, alert, now), incidents, now)
    if isinstance(entry, Project) and (entry.harmless or not entry.fault):
        return replace(found, severity=Severity.WARNING, eases=True)  # nobody is woken for it
    return found


def own_fault(entry: InvalidProject | Project, now: Instant) -> Fault | None:
    """What is wrong with a project's own configuration at this time."""
    if isinstance(entry, InvalidProject):
        return entry.own_problem
    return entry.fault or _holidays_end(entry, now)


def _holidays_end(project: Project, now: Instant) -> Fault | None:
    """Its holidays are known for less than a month, if nothing else is wrong."""
    last = project.holidays_until
    if last is None or now < start_of(last) - SOON:
        return None
    until = f"the dates of its calendars are known until {last}"
    later = " only" if now < start_of(last) + DAY else ", and days after it are no holidays"
    return Fault(f"{until}{later}: run headroom push, which writes two more years", "holidays")


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
    return by_age(_because_of(fault, alert, now), incidents, now)


def _because_of(fault: Fault, alert: BuiltInAlert, now: Instant) -> BuiltInAlert:
    """What is wrong, which version is in force and how old it is, and what is unprotected."""
    reason = f"{fault.reason}{fault.meanwhile.told(now)}"
    return replace(alert, reason=reason, details=Details(place=fault.place))
