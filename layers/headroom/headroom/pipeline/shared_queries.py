"""Finds the queries that a group has in common with the project of one of its lines, or a group."""

from __future__ import annotations

from collections.abc import Sequence

from headroom.domain.watermark import begin
from headroom.pipeline.context import CheckContext
from headroom.pipeline.fetch import requests


def share_queries(context: CheckContext, configured: Sequence[str]) -> None:
    """Have each of them sent once in this check, over the widest range that anybody needs."""
    projects, loaded = context.config.projects, context.loaded
    groups = {name: each for name, each in projects.items() if each.group}
    lines = {line.name for each in groups.values() for line in each.lines}
    for name in configured:
        if name in groups or (name in lines and name in projects):
            stored = loaded.documents.get(name)
            before = begin(name, stored, loaded.watermark, context.moment)
            context.fetch.share(requests(projects[name], before, context.moment).values())
