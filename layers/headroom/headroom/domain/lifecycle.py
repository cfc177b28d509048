"""The life of an incident as one table: what each event makes of an alert, and what is notified.

- An alert is `ok`, or it fires as `warning` or `critical`. An incident lasts from `ok` to `ok`.
- Its first notice is `fired`. While it fires, a notice follows each change of the severity:
  `escalated` when it gets worse, `eased` when it gets better.
- Its last notice is `resolved`, whether it recovered or nothing watches it any more.
- An incident that began and was over between two checks has one notice only, `missed`.
- A `reminder` is sent when one is due and the check has nothing else to say.
- A channel that is added to a built-in alert while it fires gets `fired`, and the others nothing.

Windows decide which event an operator's rule has (`incidents`, `notify`), the clock decides for the
built-in alerts (`builtin_alerts`), an edit for what is removed (`closing`). All of them take the
next status and the notice from `step`, and nothing else begins, changes or ends an incident; only
`overflow` takes back what begins beyond the limit, in the same check. What one channel gets may
differ: delivery replaces what was pending too long (`supersede`), which is no event of the alert.
`docs/lifecycle.py` writes the table into docs/architecture.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from headroom.domain.notices import Kind
from headroom.domain.rules import Severity


class Status(StrEnum):
    """What an alert is between two checks."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def severity(self) -> Severity | None:
        """The severity of the open incident; None: there is none."""
        return None if self is Status.OK else Severity(self.value)


class Event(StrEnum):
    """What a check finds out about one alert."""

    WARNING_HOLDS = "the warning level holds"
    CRITICAL_HOLDS = "the critical level holds"
    RECOVERED = "no level holds any more"
    CAME_AND_WENT = "it began and was over between two checks"
    REMOVED = "nothing watches it any more"
    """The rule, series or project was removed, or a variant had no reading for a day."""
    REMINDER_DUE = "a reminder is due"
    CHANNEL_ADDED = "a channel is added to a built-in alert"

    @classmethod
    def holds(cls, severity: Severity) -> Event:
        """The event of a level that holds."""
        return cls.CRITICAL_HOLDS if severity is Severity.CRITICAL else cls.WARNING_HOLDS


@dataclass(frozen=True, slots=True)
class Transition:
    """What an event makes of an alert."""

    status: Status
    """What the alert is after it."""
    kind: Kind | None
    """The kind of the notice; None: nothing is notified."""


class ImpossibleEvent(Exception):
    """A bug in Headroom: an event that cannot happen to an alert with this status."""


TABLE: dict[tuple[Status, Event], Transition] = {
    (Status.OK, Event.WARNING_HOLDS): Transition(Status.WARNING, Kind.FIRED),
    (Status.OK, Event.CRITICAL_HOLDS): Transition(Status.CRITICAL, Kind.FIRED),
    (Status.OK, Event.CAME_AND_WENT): Transition(Status.OK, Kind.MISSED),
    (Status.WARNING, Event.WARNING_HOLDS): Transition(Status.WARNING, None),
    (Status.WARNING, Event.CRITICAL_HOLDS): Transition(Status.CRITICAL, Kind.ESCALATED),
    (Status.WARNING, Event.RECOVERED): Transition(Status.OK, Kind.RESOLVED),
    (Status.WARNING, Event.REMOVED): Transition(Status.OK, Kind.RESOLVED),
    (Status.WARNING, Event.REMINDER_DUE): Transition(Status.WARNING, Kind.REMINDER),
    (Status.WARNING, Event.CHANNEL_ADDED): Transition(Status.WARNING, Kind.FIRED),
    (Status.CRITICAL, Event.WARNING_HOLDS): Transition(Status.WARNING, Kind.EASED),
    (Status.CRITICAL, Event.CRITICAL_HOLDS): Transition(Status.CRITICAL, None),
    (Status.CRITICAL, Event.RECOVERED): Transition(Status.OK, Kind.RESOLVED),
    (Status.CRITICAL, Event.REMOVED): Transition(Status.OK, Kind.RESOLVED),
    (Status.CRITICAL, Event.REMINDER_DUE): Transition(Status.CRITICAL, Kind.REMINDER),
    (Status.CRITICAL, Event.CHANNEL_ADDED): Transition(Status.CRITICAL, Kind.FIRED),
}
"""What is not here cannot happen: an alert that is `ok` has nothing to recover from."""


def step(status: Status, event: Event) -> Transition:
    """What this event makes of an alert with this status. Raises ImpossibleEvent."""
    if found := TABLE.get((status, event)):
        return found
    raise ImpossibleEvent(f"an alert that is {status} cannot have the event {event.value!r}")
