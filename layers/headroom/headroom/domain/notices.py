"""Notices: what one channel is told of one incident, the same words and fields everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from headroom.domain.rules import Severity
from headroom.domain.windows import Instant, iso

VERSION = 1
"""Of the JSON object; rises when a field changes its meaning."""


class Kind(StrEnum):
    """What happened to the incident."""

    FIRED = "fired"
    ESCALATED = "escalated"
    EASED = "eased"
    REMINDER = "reminder"
    RESOLVED = "resolved"
    MISSED = "missed"

    @property
    def ends(self) -> bool:
        """Whether the incident is over with this notice."""
        return self in (Kind.RESOLVED, Kind.MISSED)


@dataclass(frozen=True, slots=True)
class Reading:
    """One point of the last hour; `value` None: PolyAI gave none."""

    time: Instant
    value: int | None
    open: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """The calls of one line of a group; `value` None: it could not be read."""

    project: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the reason of a built-in alert is about, as fields, so that nobody reads its text."""

    code: str = ""
    """The HTTP status, or the word of `readings.Failure.code`."""
    key: str = ""
    """The name of the API key that was refused."""
    place: str = ""
    """Where in the project's configuration: `rules.near-limit.warning`."""
    correlation_id: str = ""
    """What PolyAI's support asks for."""
    until: Instant | None = None
    """PolyAI asked not to be called again before."""

    @property
    def wait(self) -> str:
        """The end of a sentence that says until when Headroom waits."""
        return f"; not asked again before {iso(self.until)}" if self.until else ""

    def placed(self, reason: str) -> str:
        """The reason behind its place."""
        return f"{self.place}: {reason}" if self.place else reason

    def complete(self, reason: str) -> str:
        """The reason with everything that is known beside it."""
        correlation = f" (correlation id {self.correlation_id})" if self.correlation_id else ""
        return f"{self.placed(reason)}{self.wait}{correlation}"

    def as_json(self, reason: str) -> dict[str, Any]:
        """The fields that are set, and as `text` the reason without them; {} where none is."""
        fields = {
            "code": self.code,
            "key": self.key,
            "place": self.place,
            "correlation_id": self.correlation_id,
            "until": iso(self.until) if self.until is not None else "",
        }
        known = {name: value for name, value in fields.items() if value}
        return {"text": reason, **known} if known else {}


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a project cannot be read, with what is known beside the text."""

    text: str
    details: Details = NO_DETAILS

    def __str__(self) -> str:
        """In one line, with everything that is known."""
        return self.details.complete(self.text)

    @property
    def shared(self) -> Reason:
        """Without what tells two failures of one cause apart."""
        return replace(self, details=replace(self.details, correlation_id=""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice. Times are instants; `as_json` is the form that programs rely on."""

    id: str
    incident_id: str
    alert: str = ""
    """The alert's fingerprint, the same over all its incidents: what pagers group by."""
    installation: str = ""
    """Which Headroom sends it; two of them may watch the same line."""
    kind: Kind
    severity: Severity
    project: str
    rule: str
    series: str = ""
    """The series' key: '' for the whole project, a variant's id, a language, a phone number."""
    series_name: str = ""
    """What people call it; from the API or the operator, so text and never markup."""
    region: str = ""
    account_id: str = ""
    project_id: str = ""
    client_env: str = "live"
    value: int | None = None
    """Calls in the window `value_at`: the newest that breaches while the alert fires."""
    basis: str = ""
    """Of a group of several lines: `value` is the `sum` or the `max` of theirs."""
    members: tuple[Member, ...] = ()
    """Its lines, with their calls in the window of `value`; empty for one line."""
    value_at: Instant | None = None
    threshold: float | None = None
    usual: float | None = None
    """Of a rule `of usual`: the usual calls in the window of `value`."""
    reached_in: tuple[int, int] | None = None
    """Of a trend: the earliest and the latest minutes from now until it reaches the threshold."""
    condition: str = ""
    limit: int | None = None
    peak: int | None = None
    """The furthest reading: the highest, or of a lower bound the lowest."""
    since: Instant
    at: Instant
    duration_seconds: int = 0
    summary: str
    """The first line: ASCII, at most 80 characters (`headline.py`)."""
    studio_url: str = ""
    runbook: str = ""
    description: str = ""
    """The operator's sentence."""
    reason: str = ""
    """Headroom's: why the incident ended, why a project cannot be read, what is wrong with it."""
    details: Details = NO_DETAILS
    """What `reason` is about; empty but for built-in alerts."""
    readings: tuple[Reading, ...] = ()

    @property
    def full_reason(self) -> str:
        """The reason for bodies: with its place, how long Headroom waits, and PolyAI's id."""
        return self.details.complete(self.reason)

    @property
    def status(self) -> str:
        """`firing` or `ok`, as the alert is after this notice."""
        return "ok" if self.kind.ends else "firing"

    @property
    def is_lower(self) -> bool:
        """Whether few calls breach: then `peak` is the lowest reading."""
        return self.condition.startswith("<")

    @property
    def alert_id(self) -> str:
        """The alert's name inside the project's document; `alert` is the one for the outside."""
        return short_hash(self.project, self.rule, self.series)

    @property
    def driver(self) -> Member | None:
        """The line of a group with the most calls; None for one line."""
        read = [(each.value, each) for each in self.members if each.value is not None]
        return max(read, key=lambda each: each[0])[1] if read else None

    @property
    def unread(self) -> tuple[str, ...]:
        """The lines of a group that could not be read."""
        return tuple(each.project for each in self.members if each.value is None)

    @property
    def dated(self) -> Instant | None:
        """The window of `value` where windows have closed since: readers are told which it is."""
        if self.value_at is None or self.kind.ends:
            return None
        newer = (each.time for each in self.readings if not each.open)
        return self.value_at if max(newer, default=0) > self.value_at else None

    @property
    def percent_of_limit(self) -> float | None:
        """To one decimal; None without a limit or a value."""
        if not self.limit or self.value is None:
            return None
        return round(100 * self.value / self.limit, 1)

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN section 7, ready for `json.dumps`."""
        return {
            "version": VERSION,
            "id": self.id,
            "incident_id": self.incident_id,
            "alert": self.alert,
            "installation": self.installation,
            "kind": self.kind.value,
            "severity": self.severity.value,
            "status": self.status,
            "project": self.project,
            "region": self.region,
            "account_id": self.account_id,
            "project_id": self.project_id,
            "client_env": self.client_env,
            "rule": self.rule,
            "series": self.series,
            "series_name": self.series_name,
            "value": self.value,
            "basis": self.basis,
            "members": [{"project": m.project, "value": m.value} for m in self.members],
            "value_at": None if self.value_at is None else iso(self.value_at),
            "threshold": self.threshold,
            "usual": None if self.usual is None else round(self.usual, 1),
            "reached_in_minutes": list(self.reached_in) if self.reached_in else None,
            "condition": self.condition,
            "limit": self.limit,
            "percent_of_limit": self.percent_of_limit,
            "peak": self.peak,
            "since": iso(self.since),
            "at": iso(self.at),
            "duration_seconds": self.duration_seconds,
            "summary": self.summary,
            "studio_url": self.studio_url,
            "runbook": self.runbook,
            "description": self.description,
            "reason": self.full_reason,
            "details": self.details.as_json(self.reason),
            "readings": [
                {"time": iso(r.time), "value": r.value, "open": r.open} for r in self.readings
            ],
        }


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


def notice_id(
    incident: str, kind: Kind, severity: Severity, window: Instant, number: int = 0
) -> str:
    """Derived from the incident, the kind, the severity and the window that it is about.

    `number` tells reminders and changes of the severity apart: several may fall into one window.
    """
    parts = (incident, kind, severity, iso(window))
    return short_hash(*parts, str(number)) if number else short_hash(*parts)
