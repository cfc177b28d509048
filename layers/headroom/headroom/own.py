"""Headroom's own troubles: those that no project's document can remember.

They have a document of their own, which is kept, told of and delivered like a project's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headroom.config.port import Configuration
from headroom.domain.alerts import Told
from headroom.domain.blindness import kept_away
from headroom.domain.headline import UNREACHABLE
from headroom.domain.incidents import Incident
from headroom.domain.rules import Project, Refused, Routing
from headroom.domain.troubles import Trouble, at_fault, keep, mended
from headroom.domain.windows import Instant

OWN = "headroom/own"
"""The name of the document; a project's has no slash."""


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

    @classmethod
    def of(cls, config: Configuration, unreadable: Mapping[str, str]) -> Own:
        """What is wrong now."""
        others = {name: why for name, why in unreadable.items() if name != OWN}
        entries = {
            name: entry
            for name in others
            if (entry := config.projects.get(name) or config.refused.get(name))
        }
        faults = config.faults if config.fresh else None
        return cls(others, entries, faults, config.installation, config.concerned)

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.unreadable or self.faults)

    def keep(self, incidents: dict[str, Incident], now: Instant) -> list[Told]:
        """Bring the incidents to what is wrong now, and tell the change."""
        wrong = list(self._troubles(incidents, now))
        gone = self._mended(incidents, wrong, now)
        return [told for trouble in (*gone, *wrong) for told in keep(trouble, incidents, now)]

    def _troubles(self, incidents: Mapping[str, Incident], now: Instant) -> Iterator[Trouble]:
        for name, why in self.unreadable.items():
            entry = self.entries.get(name)
            yield kept_away(name, entry, why, incidents, now, self.installation)
        for place, why in (self.faults or {}).items():
            routing = self.concerned.get(place)
            yield at_fault(place, why, routing, incidents, now, self.installation)

    def _mended(
        self, incidents: Mapping[str, Incident], wrong: Sequence[Trouble], now: Instant
    ) -> list[Trouble]:
        """The end of everything else that is open, as far as this check can know."""
        still = {trouble.alert_id for trouble in wrong}
        return [
            mended(each, now)
            for key, each in incidents.items()
            if key not in still and (self.faults is not None or each.last.rule == UNREACHABLE)
        ]
