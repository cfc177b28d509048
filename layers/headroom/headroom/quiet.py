"""What others log, kept out of ours: an address may be a password or hold a phone number."""

from __future__ import annotations

import logging


def hush() -> None:
    """Stop httpx's line for each request: it has the whole address in it, at INFO.

    Whoever sends anything calls it once, before: `bootstrap.wire` does.
    """
    logging.getLogger("httpx").setLevel(logging.WARNING)
