"""Notices: what one channel is told of one incident, the same words and fields everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from headroom.domain.rules import Severity
from headroom.domain.windows import Instant, instant, iso

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
    value_at: Instant | None = None
    threshold: float | None = None
    condition: str = ""
    limit: int | None = None
    peak: int | None = None
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
    readings: tuple[Reading, ...] = ()

    @property
    def status(self) -> str:
        """`firing` or `ok`, as the alert is after this notice."""
        return "ok" if self.kind.ends else "firing"

    @property
    def alert_id(self) -> str:
        """The alert's name inside the project's document; `alert` is the one for the outside."""
        return short_hash(self.project, self.rule, self.series)

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
            "value_at": None if self.value_at is None else iso(self.value_at),
            "threshold": self.threshold,
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
            "reason": self.reason,
            "readings": [
                {"time": iso(r.time), "value": r.value, "open": r.open} for r in self.readings
            ],
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Notice:
        """The inverse of `as_json`: `Notice.from_json(x).as_json() == x`. Raises ValueError.

        What follows from other fields, and what only a newer Headroom knows, is passed over; a
        field that is not there has its default.
        """
        if tree.get("version") != VERSION:
            raise ValueError(f"version: expected {VERSION}, found {tree.get('version')!r:.40}")
        made: Notice = _made(cls, tree)
        return made


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


def _made(kind: Any, tree: Mapping[str, Any]) -> Any:  # noqa: ANN401 (a dataclass, one of it)
    """One dataclass from its fields as JSON has them. Raises ValueError, which names the field."""
    made = {}
    for field in fields(kind):
        if field.name in tree:
            try:
                made[field.name] = _READERS[field.type](tree[field.name])
            except (AttributeError, TypeError, ValueError) as error:
                raise ValueError(f"{field.name}: {error}") from None
    try:
        return kind(**made)
    except TypeError as error:  # a field without a default is missing
        raise ValueError(str(error)) from None


def _of(*types: type) -> Callable[[Any], Any]:
    """Takes values of these very types: JSON's true is no number."""

    def read(value: object) -> object:
        if type(value) in types:
            return value
        raise ValueError(f"found {value!r:.40}")

    return read


_NONE = type(None)
_READERS: dict[Any, Callable[[Any], Any]] = {
    "str": _of(str),
    "bool": _of(bool),
    "int": _of(int),
    "int | None": _of(int, _NONE),
    "float | None": _of(int, float, _NONE),
    "Instant | None": lambda text: None if text is None else instant(text),
    "Kind": Kind,
    "Severity": Severity,
    "Instant": instant,
    "tuple[Reading, ...]": lambda trees: tuple(_made(Reading, tree) for tree in trees),
}
"""How each type of field is read back, by the annotation's text."""
