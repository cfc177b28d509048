"""What the operator asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The command's options."""

    channels: Collection[str] = ()
    """Only letters to these; all when empty."""
    dry_run: bool = False
    drop: bool = False
    """Delete instead of sending."""
    drop_over: bool = False
    """Delete only what is held back for good, and send nothing."""
    tidy: bool = False
    """Delete failed checks and events: later checks have caught up on them."""
    agreed: Callable[[str], bool]
    """May raise Declined, which is a no."""
    wait: int = 1
    """Seconds that SQS may take to ask all its servers; without, it asks some."""
