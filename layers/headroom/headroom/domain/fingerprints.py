"""Names of alerts, incidents and notices: whoever computes them gets the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from headroom.domain.windows import Instant, iso


def short_hash(*parts: str) -> str:
    """A short name that whoever computes it from the same parts gets the same."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:20]


def fingerprint(
    installation: str, line: Sequence[str], project: str, rule: str, series: str
) -> str:
    """Name an alert for the outside (`Notice.alert`).

    `line`: region, account and project id of what is read; empty where no line is known. Two
    installations, and two lines under one name, never share a fingerprint.
    """
    return short_hash(installation, "/".join(line), project, rule, series)


def incident_id(alert: str, window: Instant, identity: str = "") -> str:
    """Derived from the alert's fingerprint, what it reads, and the window that it fired on."""
    return short_hash(alert, identity, iso(window))


def notice_id(incident: str, kind: str, severity: str, window: Instant, number: int = 0) -> str:
    """Derived from the incident, the kind, the severity and the window that it is about.

    `number` tells reminders and changes of the severity apart: several may fall into one window.
    """
    parts = (incident, kind, severity, iso(window))
    return short_hash(*parts, str(number)) if number else short_hash(*parts)
