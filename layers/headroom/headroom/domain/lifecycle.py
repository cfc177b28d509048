"""The life of an incident as one table: what each event makes of an alert, and what is notified.

- An alert is `ok`, or it fires as `warning` or `critical`. An incident lasts from `ok` to `ok`.
- Its first notice is `fired`. While it fires, a notice follows each change of the severity:
  `escalated` when it gets worse, `eased` when it gets better.
- Its last notice is `resolved`, whether it recovered or nothing watches it any more.
- An incident that began and was over between two checks has one notice only, `missed`.
- A `reminder` is sent when one is due and the check has nothing else to say.

Windows decide for the rules of operators (`incidents`), the clock decides for the built-in alerts
(`builtin_alerts`); both ask this table. It says what happens to the alert. A channel may get fewer
notices, since what was pending too long is replaced (`supersede`), and a channel that joins later
gets `fired` first. `docs/lifecycle.py` writes the table into docs/architecture.md.
"""

from __future__ import annotations

from enum import StrEnum

from headroom.domain.incidents import Incident
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity


class Status(StrEnum):
    """What an alert is between two checks."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"


class Event(StrEnum):
    """What a check finds out about one alert."""

    WARNING_HOLDS = "the warning level holds"
    CRITICAL_HOLDS = "the critical level holds"
    RECOVERED = "no level holds any more"
    CAME_AND_WENT = "it began and was over between two checks"
    REMOVED = "nothing watches it any more"
    """The rule, series or project was removed, or a variant had no reading for a day."""
    REMINDER_DUE = "a reminder is due"


TABLE: dict[tuple[Status, Event], tuple[Status, Kind | None]] = {
    (Status.OK, Event.WARNING_HOLDS): (Status.WARNING, Kind.FIRED),
    (Status.OK, Event.CRITICAL_HOLDS): (Status.CRITICAL, Kind.FIRED),
    (Status.OK, Event.CAME_AND_WENT): (Status.OK, Kind.MISSED),
    (Status.WARNING, Event.WARNING_HOLDS): (Status.WARNING, None),
    (Status.WARNING, Event.CRITICAL_HOLDS): (Status.CRITICAL, Kind.ESCALATED),
    (Status.WARNING, Event.RECOVERED): (Status.OK, Kind.RESOLVED),
    (Status.WARNING, Event.REMOVED): (Status.OK, Kind.RESOLVED),
    (Status.WARNING, Event.REMINDER_DUE): (Status.WARNING, Kind.REMINDER),
    (Status.CRITICAL, Event.WARNING_HOLDS): (Status.WARNING, Kind.EASED),
    (Status.CRITICAL, Event.CRITICAL_HOLDS): (Status.CRITICAL, None),
    (Status.CRITICAL, Event.RECOVERED): (Status.OK, Kind.RESOLVED),
    (Status.CRITICAL, Event.REMOVED): (Status.OK, Kind.RESOLVED),
    (Status.CRITICAL, Event.REMINDER_DUE): (Status.CRITICAL, Kind.REMINDER),
}
"""What is not here cannot happen: an alert that is `ok` has nothing to recover from."""


def holds(severity: Severity) -> Event:
    """The event of a level that holds."""
    return Event.CRITICAL_HOLDS if severity is Severity.CRITICAL else Event.WARNING_HOLDS


def notice_kind(before: Incident | None, event: Event) -> Kind | None:
    """The kind of notice of an event, by the alert's incident before it (None: it was ok)."""
    status = Status(before.episode.severity) if before else Status.OK
    return TABLE[status, event][1]
