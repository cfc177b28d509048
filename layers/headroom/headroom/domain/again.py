"""Incidents that an edit closed, and that fire again on the same window once it is taken back.

By what ids are derived from theirs would be the same, and who was told of the end would take the
new notices for old ones. So such an incident gets an id of its own, which follows from the closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind, digest
from headroom.domain.removal import REASONS
from headroom.domain.telling import HOUR, Told
from headroom.domain.windows import Instant

REMEMBERED = 4 * HOUR
"""Seconds; further than any rule looks back from the first window that takes effect."""

Closed = Mapping[str, Instant]
"""Ids of incidents that an edit closed, and when."""


def recent(closed: Closed, now: Instant) -> dict[str, Instant]:
    """Those that could fire again still."""
    return {incident: at for incident, at in closed.items() if now - at < REMEMBERED}


def closings(told: Sequence[Told], now: Instant) -> dict[str, Instant]:
    """What is closed by an edit just now."""
    ends = [each.notice for each in told if each.notice.kind is Kind.RESOLVED]
    return {notice.incident_id: now for notice in ends if notice.reason in REASONS}


def renamed(told: Told, closed: Closed) -> Told:
    """The same, by the ids of an incident that was not closed before."""
    notice = told.notice
    incident = _open(notice.incident_id, closed)
    if incident == notice.incident_id:
        return told
    return replace(
        told, notice=replace(notice, incident_id=incident, id=digest(notice.id, incident))
    )


def known_anew(incident: Incident, closed: Closed) -> Incident:
    """The incident itself, by the same id as its notices."""
    known = _open(incident.id, closed)
    if known == incident.id:
        return incident
    return replace(incident, last=replace(incident.last, incident_id=known))


def _open(incident: str, closed: Closed) -> str:
    while incident in closed:
        incident = digest(incident, "again")
    return incident
