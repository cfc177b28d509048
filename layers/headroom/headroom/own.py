"""Headroom's own troubles: those that no project's document can remember.

They have a document of their own, which is kept and delivered like a project's.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headroom.config.configuration import Configuration
from headroom.domain.alerts import Told
from headroom.domain.blindness import kept_away
from headroom.domain.causes import (
    STATE,
    Blind,
    Cause,
    kept_from,
    of_cause,
    open_causes,
    unreachable_by,
)
from headroom.domain.headline import CONFIG, UNDELIVERABLE
from headroom.domain.incidents import Incident
from headroom.domain.lateness import NOT_AWAITED
from headroom.domain.outbox import Claim
from headroom.domain.rules import Project, Refused, Routing
from headroom.domain.troubles import Trouble, at_fault, keep, mended
from headroom.domain.undeliverable import Lost, undeliverable, unsettled, why_over
from headroom.domain.windows import Instant
from headroom.state.codec import FORMAT
from headroom.state.document import Document


def own_document(stored_format: int) -> str:
    """The name of the document; a project's has no slash.

    Each format has one of its own: after a rollback the older version can still store, and so
    notify, that it cannot read what the newer one wrote.
    """
    return "headroom/own" if stored_format == 1 else f"headroom/own/{stored_format}"


OWN = own_document(FORMAT)

SPARE = f"{OWN}/spare"
"""In its place while it cannot be read."""

OURS = frozenset({OWN, SPARE})


def in_force(documents: Mapping[str, Document], unreadable: Container[str]) -> str:
    """The document that remembers Headroom's own troubles in this check.

    The spare one goes on until all that it remembers is over: both would send the same alerts.
    """
    spare = documents.get(SPARE)
    return SPARE if OWN in unreadable or (spare is not None and not spare.quiet) else OWN


@dataclass(frozen=True, slots=True)
class Own:
    """What is wrong with Headroom itself, as one check sees it."""

    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Projects whose stored document makes no sense, and what to do."""
    entries: Mapping[str, Project | Refused] = field(default_factory=dict)
    """The same projects' configuration, where there is one: who should hear of it."""
    faults: Mapping[str, str] | None = None
    """`Configuration.faults`; None: from the cache, which may be older than what was told."""
    installation: str = ""
    concerned: Mapping[str, Routing] = field(default_factory=dict)
    """`Configuration.concerned`: who hears of which fault."""
    document: str = OWN
    """Where it is remembered, see `in_force`."""
    blind: Mapping[Cause, Sequence[Blind]] = field(default_factory=dict)
    """By shared cause, the projects that its alert covers."""
    unsure: Container[Cause] = frozenset()
    """Causes that may go on: a project may fail by them that this check found failing by another,
    or could not judge."""
    silent: Container[Cause] = frozenset()
    """Causes of projects whose data has not come for an hour, and is not awaited any more."""
    refused: Sequence[Claim] = ()
    """Refused notices that lie in the documents of projects."""

    @classmethod
    def of(cls, config: Configuration, unreadable: Mapping[str, str], document: str = OWN) -> Own:
        """What is wrong now, to be remembered in this document."""
        others = {name: why for name, why in unreadable.items() if name != document}
        entries = {
            name: entry
            for name in others
            if (entry := config.projects.get(name) or config.refused.get(name))
        }
        told = {place: each.text for place, each in config.faults.items()}
        faults = told if config.fresh else None
        return cls(others, entries, faults, config.installation, config.concerned, document)

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.unreadable or self.faults or self.blind or self.refused)

    def end(
        self,
        wrong: Sequence[Trouble],
        incidents: dict[str, Incident],
        found: Mapping[str, Lost],
        now: Instant,
    ) -> list[Told]:
        """End every incident that is over, and give the notices."""
        over = self._over(incidents, wrong, found, now)
        return [told for trouble in over for told in keep(trouble, incidents, now)]

    def begin(
        self, wrong: Sequence[Trouble], incidents: dict[str, Incident], now: Instant
    ) -> list[Told]:
        """Begin what is wrong now, or let it go on, and give the notices."""
        each = (keep(trouble, incidents, now, failing=True) for trouble in wrong)
        return [told for notices in each for told in notices]

    def wrong(
        self, incidents: Mapping[str, Incident], found: Mapping[str, Lost], now: Instant
    ) -> Iterator[Trouble]:
        """Every alert that fires, or goes on."""
        yield from self._unreadable(incidents, now)
        for cause, covered in self.blind.items():
            known = open_causes(incidents).get(cause)
            yield unreachable_by(cause, covered, now, self.installation, known)
        for place, why in (self.faults or {}).items():
            routing = self.concerned.get(place)
            yield at_fault(place, why, routing, incidents, now, self.installation)
        for channel, each in unsettled(found, now).items():
            yield undeliverable(channel, each, self.installation)

    def _unreadable(self, incidents: Mapping[str, Incident], now: Instant) -> Iterator[Trouble]:
        """Several documents are one alert: after a rollback none of them can be read."""
        alone = [
            kept_away(name, self.entries.get(name), why, incidents, now, self.installation)
            for name, why in self.unreadable.items()
        ]
        known = open_causes(incidents).get(STATE)
        shared = known is not None or len(alone) > 1
        covered = [each for each in alone if shared and each.alert_id not in incidents]
        yield from (each for each in alone if each not in covered)
        if covered:
            since = now if known is None else known
            blind = [kept_from(each, since) for each in covered]
            yield unreachable_by(STATE, blind, now, self.installation)

    def _over(
        self,
        incidents: Mapping[str, Incident],
        wrong: Sequence[Trouble],
        found: Mapping[str, Lost],
        now: Instant,
    ) -> list[Trouble]:
        """The end of everything else that is open, as far as this check can know."""
        still = {trouble.alert_id for trouble in wrong}
        return [
            mended(each, now, self._why_over(each, found))
            for key, each in incidents.items()
            if key not in still and self._known(each)
        ]

    def _known(self, incident: Incident) -> bool:
        """Whether this check knows that it is over."""
        if incident.last.rule == CONFIG:
            return self.faults is not None
        return not (of_cause(incident) and incident.last.series in self.unsure)

    def _why_over(self, incident: Incident, found: Mapping[str, Lost]) -> str:
        last = incident.last
        if of_cause(incident) and last.series in self.silent:
            return NOT_AWAITED
        return why_over(found.get(last.series)) if last.rule == UNDELIVERABLE else ""
