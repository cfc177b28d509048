"""The baselines of one check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headroom.domain.baseline import Baseline


@dataclass(frozen=True, slots=True)
class Unread:
    """A baseline that is stored, perhaps, and could not be read: rules that need it wait."""

    why: str


Baselines = Mapping[str, Baseline | Unread]
"""What is usual of one project, by the key of each query; one that was never made is missing."""
