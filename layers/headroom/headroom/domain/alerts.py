"""An alert: one rule on one series, and what is told of it to whom."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from headroom.domain.notices import Notice, digest, fingerprint
from headroom.domain.readings import Peaks
from headroom.domain.rules import Project, Routing, Rule
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class RoutedNotice:
    """One notice and the channels that it is for."""

    notice: Notice
    channels: tuple[str, ...]
    before: tuple[str, ...] = ()
    """Those of them that were told of the incident before."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule on one series, with what PolyAI says of it now."""

    project: Project
    rule: Rule
    series: str
    name: str
    client_env: str
    peaks: Peaks
    identity: str
    again: str = ""
    """Of a project that was put back: what makes the ids of its incidents others than before."""
    closed: Container[str] = ()
    """Ids of incidents that an edit closed of late: one that fires anew gets another."""
    silent: Instant | None = None
    """The newest reading, where later windows are only taken for no calls (`lateness`)."""

    @property
    def fingerprint(self) -> str:
        """See `notices.fingerprint`."""
        project = self.project
        return fingerprint(
            project.installation, project.line, project.name, self.rule.name, self.series
        )

    @property
    def id(self) -> str:
        """See `Notice.alert_id`."""
        return digest(self.project.name, self.rule.name, self.series)

    @property
    def routing(self) -> Routing:
        """The rule's own channels, else the project's."""
        return self.rule.routing or self.project.routing
