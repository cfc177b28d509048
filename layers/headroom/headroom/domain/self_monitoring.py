"""Self-monitoring: the built-in alerts that no project's document can hold.

They have a document of their own, which is stored and delivered like a project's.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headroom.domain.alerts import RoutedNotice
from headroom.domain.builtin_alerts import BuiltInAlert, recovered, update
from headroom.domain.causes import (
    STATE,
    BlindProject,
    Cause,
    cause_alert,
    covered_project,
    of_cause,
    open_causes,
)
from headroom.domain.headline import CONFIG, UNDELIVERABLE
from headroom.domain.incidents import Incident
from headroom.domain.invalid_config import Fault, shared_config_alert
from headroom.domain.lateness import NOT_AWAITED
from headroom.domain.outbox import GivenUp
from headroom.domain.project_state import FORMAT, ProjectState
from headroom.domain.rules import InvalidProject, Project, Routing
from headroom.domain.undeliverable import Refusals, undeliverable_alert, unsettled, why_over
from headroom.domain.unreachable import unreadable_state_alert
from headroom.domain.windows import Instant


def own_document(stored_format: int) -> str:
    """The name of Headroom's own document; a project's name has no slash.

    Each format has its own document: after a rollback the older version can still store, and so
    notify, that it cannot read what the newer one wrote.
    """
    return "headroom/own" if stored_format == 1 else f"headroom/own/{stored_format}"


OWN_DOCUMENT = own_document(FORMAT)

SPARE_DOCUMENT = f"{OWN_DOCUMENT}/spare"
"""The document that replaces it while it cannot be read."""

OWN_DOCUMENTS = frozenset({OWN_DOCUMENT, SPARE_DOCUMENT})


def document_in_use(documents: Mapping[str, ProjectState], unreadable: Container[str]) -> str:
    """The document that holds Headroom's own alerts in this check.

    The spare one goes on until all its alerts are over: both would send the same alerts.
    """
    spare = documents.get(SPARE_DOCUMENT)
    spare_in_use = spare is not None and not spare.quiet
    return SPARE_DOCUMENT if spare_in_use or OWN_DOCUMENT in unreadable else OWN_DOCUMENT


@dataclass(frozen=True, slots=True)
class OwnProblems:
    """The problems of Headroom itself, as one check sees them."""

    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Projects whose stored document is invalid, with the fix."""
    entries: Mapping[str, Project | InvalidProject] = field(default_factory=dict)
    """The configuration of these projects, where there is one: it says who is notified."""
    faults: Mapping[str, Fault] | None = None
    """`Configuration.faults`; None: from the cache, which may be older than the alerts."""
    installation: str = ""
    concerned: Mapping[str, Routing] = field(default_factory=dict)
    """`Configuration.concerned`: the channels of each fault."""
    document: str = OWN_DOCUMENT
    """The document that holds it, see `document_in_use`."""
    blind: Mapping[Cause, Sequence[BlindProject]] = field(default_factory=dict)
    """The projects that the alert of each shared cause covers."""
    may_go_on: Container[Cause] = frozenset()
    """Causes that may go on: a project that failed by another cause, or was not judged, may have
    them."""
    silent: Container[Cause] = frozenset()
    """Causes of projects whose data has not come for an hour, and is not expected any more."""
    given_up: Sequence[GivenUp] = ()
    """Given-up notices that are still in the documents of projects."""

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.unreadable or self.faults or self.blind or self.given_up)

    def end(
        self,
        firing: Sequence[BuiltInAlert],
        incidents: dict[str, Incident],
        found: Mapping[str, Refusals],
        now: Instant,
    ) -> list[RoutedNotice]:
        """End every incident that is over, and return the notices."""
        over = self._over(incidents, firing, found, now)
        return [each for alert in over for each in update(alert, incidents, now)]

    def begin(
        self, firing: Sequence[BuiltInAlert], incidents: dict[str, Incident], now: Instant
    ) -> list[RoutedNotice]:
        """Begin or continue the incidents of what is wrong now, and return the notices."""
        return [each for alert in firing for each in update(alert, incidents, now, failing=True)]

    def firing(
        self, incidents: Mapping[str, Incident], found: Mapping[str, Refusals], now: Instant
    ) -> Iterator[BuiltInAlert]:
        """Every alert that fires, or goes on."""
        yield from self._unreadable(incidents, now)
        for cause, covered in self.blind.items():
            known = open_causes(incidents).get(cause)
            yield cause_alert(cause, covered, now, self.installation, known)
        for place, fault in (self.faults or {}).items():
            routing = self.concerned.get(place)
            yield shared_config_alert(place, fault, routing, incidents, now, self.installation)
        for channel, each in unsettled(found, now).items():
            yield undeliverable_alert(channel, each, self.installation)

    def _unreadable(
        self, incidents: Mapping[str, Incident], now: Instant
    ) -> Iterator[BuiltInAlert]:
        """Several documents are one alert: after a rollback none of them can be read."""
        alone = [
            unreadable_state_alert(
                name, self.entries.get(name), why, incidents, now, self.installation
            )
            for name, why in self.unreadable.items()
        ]
        known = open_causes(incidents).get(STATE)
        shared = known is not None or len(alone) > 1
        covered = [each for each in alone if shared and each.alert_id not in incidents]
        yield from (each for each in alone if each not in covered)
        if covered:
            since = now if known is None else known
            blind = [covered_project(each, since) for each in covered]
            yield cause_alert(STATE, blind, now, self.installation)

    def _over(
        self,
        incidents: Mapping[str, Incident],
        firing: Sequence[BuiltInAlert],
        found: Mapping[str, Refusals],
        now: Instant,
    ) -> list[BuiltInAlert]:
        """The end of everything else that is open, as far as this check can know."""
        still = {alert.alert_id for alert in firing}
        return [
            recovered(each, now, self._why_over(each, found))
            for key, each in incidents.items()
            if key not in still and self._known(each)
        ]

    def _known(self, incident: Incident) -> bool:
        """Whether this check knows that it is over."""
        if incident.last.rule == CONFIG:
            return self.faults is not None
        return not (of_cause(incident) and incident.last.series in self.may_go_on)

    def _why_over(self, incident: Incident, found: Mapping[str, Refusals]) -> str:
        last = incident.last
        if of_cause(incident) and last.series in self.silent:
            return NOT_AWAITED
        return why_over(found.get(last.series)) if last.rule == UNDELIVERABLE else ""
