"""Whether a check's configuration is older than the one that documents were judged by."""

from __future__ import annotations

from headroom.config.configuration import Configuration
from headroom.domain.headline import CONFIG
from headroom.domain.invalid_config import own_fault
from headroom.domain.outbox import channels
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.rules import DEFAULT_CHANNEL, InvalidProject
from headroom.domain.self_monitoring import OWN_DOCUMENTS, OwnProblems
from headroom.domain.transition import Entry
from headroom.domain.watermark import Loaded


def outdated(config: Configuration, loaded: Loaded) -> bool:
    """Whether a document shows that the configuration in the cache is out of date."""
    if config.fresh or config.unread:  # there is no newer one, or it cannot be read
        return False
    known = {DEFAULT_CHANNEL, *config.channels, *config.bad_channels}
    faulty = (name for name, each in config.projects.items() if own_fault(each))
    names = {*loaded.documents, *config.invalid, *faulty} - {*OWN_DOCUMENTS, *loaded.unreadable}
    return any(
        outdates(loaded.documents.get(name), config.projects.get(name) or config.invalid.get(name))
        for name in names
    ) or any(not known.issuperset(channels(each.outbox)) for each in loaded.documents.values())


def outdates(document: ProjectState | None, entry: Entry, *, unread: str = "") -> bool:
    """Whether a project's document may come from a newer configuration than its entry.

    A fault that is not reported yet, or was reported and is over, may come from a change of a key,
    which the project's version does not show. While the listing cannot be read (`unread`), only the
    version counts.
    """
    if isinstance(entry, OwnProblems):
        return False
    faulty = isinstance(entry, InvalidProject) or (entry is not None and bool(own_fault(entry)))
    if document is None:
        return faulty and not unread
    if entry is None:
        return document.config_version != REMOVED
    reported = any(incident.last.rule == CONFIG for incident in document.incidents.values())
    return document.config_version > entry.version or (faulty != reported and not unread)
