"""Incidents that are open now: the only part of an alert that is worth storing."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.domain.notices import Notice
from headroom.domain.rules import Severity
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One stretch of an alert firing, as far as it is known."""

    window: Instant
    """The firing window: a window before it never ends the incident."""
    severity: Severity
    changed: Instant
    """The window that gave the severity: a window before it never lowers it."""
    confirmed: Severity | None
    """The severity by closed windows alone, up to `through`."""
    worst: Severity
    peak: int | None
    told: tuple[str, ...]
    """Channels that were told: they hear of it until its end."""
    last: Notice
    """The latest notice: what is needed to tell the end when the rule or project is gone."""
    last_told: Instant
    reminders: int = 0
    changes: int = 0
    """Severity changes that were notified: two of them may fall on one window."""
    through: Instant | None = None
    """The newest closed window that took effect for it; None: up to the query's watermark."""
    identity: str = ""
    """What the alert reads (filters, `per`, direction, ids); a change closes the incident."""
    seen: Instant = 0
    """The newest closed window with a reading of the series; 0: none since it fired."""

    @property
    def id(self) -> str:
        """See `notices.incident_id`."""
        return self.last.incident_id
