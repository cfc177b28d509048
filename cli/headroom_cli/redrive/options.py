"""The command's options."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to do with the messages in the queue."""

    channels: Collection[str] = ()
    """Only notices for these channels; all if empty."""
    dry_run: bool = False
    drop: bool = False
    """Delete instead of sending."""
    drop_over: bool = False
    """Delete only notices that will never be sent again, and send none."""
    tidy: bool = False
    """Also delete failed checks and events: later checks caught up on them."""
    agreed: Callable[[str], bool]
    """Asks the operator. May raise Declined, which means no."""
    wait: int = 1
    """Seconds of long polling, which asks all of SQS's servers; 0 asks some."""
