"""Notices: what one channel is told of one incident, the same words and fields everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from headroom.domain.fingerprints import short_hash
from headroom.domain.reasons import NO_DETAILS, Details
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
