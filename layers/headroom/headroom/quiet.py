"""What others log, kept out of ours: an address may be a password or hold a phone number."""

from __future__ import annotations

import logging

TOO_MUCH = {
    "httpx": logging.WARNING,  # at INFO a line for each request, with the whole address in it
    "httpcore": logging.INFO,
    "boto3": logging.INFO,
    "botocore": logging.INFO,  # at DEBUG whole answers: decrypted parameters, and credentials
    "urllib3": logging.INFO,
}
"""Loggers, and the level from which on they hold nothing secret, whatever level the rest has."""


def hush() -> None:
    """Keep others' loggers from telling what we must not: `bootstrap.wire` calls it, before all."""
    for name, level in TOO_MUCH.items():
        logging.getLogger(name).setLevel(level)
