"""An alert (one rule on one series), and a notice with the channels that it goes to."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from headroom.domain.fingerprints import fingerprint, short_hash
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.notices import Notice
from headroom.domain.readings import ALONE, Members
from headroom.domain.rules import Project, Routing, Rule
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class RoutedNotice:
    """One notice and the channels that it is for."""

    notice: Notice
    channels: tuple[str, ...]
    before: tuple[str, ...] = ()
    """The channels that were notified of the incident before."""
    by_edit: bool = False
    """An edit of the configuration ended the incident."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule on one series, with its readings of now."""

    project: Project
    rule: Rule
    series: str
    name: str
    client_env: str
    judged: JudgedSeries
    identity: str
    again: str = ""
    """Set for a project that was put back: its incidents get other ids than before."""
    closed_by_edit: Container[str] = ()
    """Ids of incidents that an edit closed lately: one that fires again gets another id."""
    silent: Instant | None = None
    """The newest reading, where later windows only count as no calls (`lateness`)."""
    members: Members = ALONE
    """The readings of each line, where there are several."""
    partial: bool = False
    """One of them was not answered: see `lateness.Known.partial`."""

    @property
    def fingerprint(self) -> str:
        """See `notices.fingerprint`."""
        project = self.project
        return fingerprint(
            project.installation, project.watched, project.name, self.rule.name, self.series
        )

    @property
    def id(self) -> str:
        """See `Notice.alert_id`."""
        return short_hash(self.project.name, self.rule.name, self.series)

    @property
    def routing(self) -> Routing:
        """The rule's own channels, else the project's."""
        return self.rule.routing or self.project.routing
