"""Whether the configuration that a check holds is older than what documents were judged by."""

from __future__ import annotations

from headroom.config.port import Configuration
from headroom.own import OWN, Own
from headroom.state.document import REMOVED, Document
from headroom.state.port import Loaded
from headroom.turn import Entry


def outdated(config: Configuration, loaded: Loaded) -> bool:
    """Whether a document was judged by a newer configuration, or is of a project unknown here."""
    return not config.fresh and any(
        outdates(document, config.projects.get(name) or config.refused.get(name))
        for name, document in loaded.documents.items()
        if name != OWN
    )


def outdates(document: Document | None, entry: Entry) -> bool:
    """Whether what is stored of a project knows a newer configuration than its entry."""
    if document is None or isinstance(entry, Own):
        return False
    if entry is None:
        return document.config_version != REMOVED
    return document.config_version > entry.version
