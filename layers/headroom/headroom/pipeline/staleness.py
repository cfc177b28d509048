"""Whether the configuration that a check holds is older than what documents were judged by."""

from __future__ import annotations

from headroom.config.configuration import Configuration
from headroom.domain.headline import CONFIG
from headroom.domain.outbox import channels
from headroom.domain.project_state import REMOVED, ProjectState
from headroom.domain.rules import DEFAULT_CHANNEL, Refused
from headroom.domain.self_monitoring import OWN_DOCUMENTS, OwnProblems
from headroom.domain.transition import Entry
from headroom.domain.watermark import Loaded


def outdated(config: Configuration, loaded: Loaded) -> bool:
    """Whether a document knows of something that this configuration from the cache does not."""
    if config.fresh or config.unread:  # there is none newer, or none to be had
        return False
    known = {DEFAULT_CHANNEL, *config.channels, *config.bad_channels}
    faulty = (name for name, each in config.projects.items() if each.fault)
    names = {*loaded.documents, *config.refused, *faulty} - {*OWN_DOCUMENTS, *loaded.unreadable}
    return any(
        outdates(loaded.documents.get(name), config.projects.get(name) or config.refused.get(name))
        for name in names
    ) or any(not known.issuperset(channels(each.outbox)) for each in loaded.documents.values())


def outdates(document: ProjectState | None, entry: Entry, *, unread: str = "") -> bool:
    """Whether what is stored of a project may know a newer configuration than its entry.

    A fault that is not reported yet, or was reported and is over, may come from a key that was made
    since: the project's own version says nothing of those. While the listing cannot be
    read (`unread`) there is no better one, and the version alone counts.
    """
    if isinstance(entry, OwnProblems):
        return False
    faulty = isinstance(entry, Refused) or (entry is not None and bool(entry.fault))
    if document is None:
        return faulty and not unread
    if entry is None:
        return document.config_version != REMOVED
    told = any(incident.last.rule == CONFIG for incident in document.incidents.values())
    return document.config_version > entry.version or (faulty != told and not unread)
