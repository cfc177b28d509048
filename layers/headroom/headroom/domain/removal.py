"""Incidents that nothing watches any more: they close, and say why."""

from __future__ import annotations

from collections.abc import Iterator

from headroom.domain.alerts import Told
from headroom.domain.describing import closing
from headroom.domain.headline import BUILT_IN
from headroom.domain.incidents import Incident
from headroom.domain.readings import Peaks
from headroom.domain.rules import Project, Rule, Watch
from headroom.domain.telling import seen
from headroom.domain.windows import HOUR, Instant

PROJECT_GONE = "project removed"
RULE_GONE = "rule removed"
RULE_CHANGED = "what the rule watches was changed"
SERIES_GONE = "series removed"
SERIES_SILENT = "no reading for 24 h"
"""Nothing was edited: a variant that has no calls any more may be gone for good."""
SILENT_FOR = 24 * HOUR
"""Seconds without a reading after which the incident of a variant ends."""
REASONS = frozenset({PROJECT_GONE, RULE_GONE, RULE_CHANGED, SERIES_GONE})


def identity(project: Project, rule: Rule, watch: Watch) -> str:
    """What an alert reads: while this stays the same, edited numbers keep the incident."""
    direction = ">=" if rule.upper else "<="
    line = f"{project.region}/{project.account_id}/{project.project_id}"
    return f"{line} {direction} {watch.query.key}"


def silent(incident: Incident, peaks: Peaks, closed: Instant) -> bool:
    """Whether the series of a sliced query has had no reading for a day."""
    newest = seen(peaks, incident, closed) or incident.window
    return closed - newest >= SILENT_FOR


def close_unwatched(
    project: Project, incidents: dict[str, Incident], now: Instant
) -> Iterator[Told]:
    """Take out the incidents of rules and series that the configuration no longer has."""
    for key, incident in list(incidents.items()):
        reason = _reason(project, incident)
        if reason:
            del incidents[key]
            yield closing(incident, reason, now)


def close_all(incidents: dict[str, Incident], now: Instant) -> Iterator[Told]:
    """Take out every incident of a project that was removed."""
    for key, incident in list(incidents.items()):
        del incidents[key]
        yield closing(incident, PROJECT_GONE, now)


def _reason(project: Project, incident: Incident) -> str:
    """Why the incident has to close; empty while it is watched."""
    if incident.last.rule in BUILT_IN or incident.last.rule in project.unjudged:
        return ""
    rule = next((each for each in project.rules if each.name == incident.last.rule), None)
    if rule is None:
        return "" if project.incomplete else RULE_GONE
    watches = [each for each in rule.watches if each.series in (None, incident.last.series)]
    if not watches:
        return SERIES_GONE
    same = any(identity(project, rule, each) == incident.identity for each in watches)
    return "" if same else RULE_CHANGED
