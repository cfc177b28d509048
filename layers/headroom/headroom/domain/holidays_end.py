"""The dates of public calendars that projects know end soon: one fault, however many have them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from headroom.domain.formatting import among
from headroom.domain.hours import DAY, start_of
from headroom.domain.last_good import NOTHING
from headroom.domain.notify import with_notified
from headroom.domain.rules import Fault, Project, Routing, Severity
from headroom.domain.windows import Instant

HOLIDAYS = "holidays"
"""The place of the fault: no part of the configuration has this name."""

SOON = 30 * DAY
"""Seconds before the last day of known holidays from which on the fault asks for more."""

_NAMED = 3


def holidays_end(projects: Iterable[Project], now: Instant) -> tuple[Fault, Routing] | None:
    """The fault, and the channels of the projects that it concerns; None: none ends within a month.

    It is a warning, since every rule is judged meanwhile.
    """
    ending = sorted(
        (until, each.name, each)
        for each in projects
        if (until := each.holidays_until) and now >= start_of(until) - SOON
    )
    if not ending:
        return None
    names = sorted(name for _, name, _ in ending)
    meanwhile = NOTHING.also(f"used by {among(names, _NAMED)}")
    fault = Fault(_why(ending[0][0], now), meanwhile=meanwhile, harmless=True)
    return fault, _everybody([each for _, _, each in ending])


def _why(last: date, now: Instant) -> str:
    later = " only" if now < start_of(last) + DAY else ", and later days are no holidays"
    return f"known until {last}{later}: run headroom push, which writes two more years"


def _everybody(projects: Iterable[Project]) -> Routing:
    routing: dict[Severity, tuple[str, ...]] = dict.fromkeys(Severity, ())
    for each in projects:
        for severity in Severity:
            routing[severity] = with_notified(routing[severity], each.routing[severity])
    return routing
