"""Web addresses that operators write. No sentence here repeats the address: it may be a secret."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

_PRINTABLE = re.compile(r"[\x21-\x7e]{1,2000}")


def safe_address(text: str) -> str:
    """An https address, or http to loopback only. Raises ValueError, which never holds the text."""
    parts = _split(text)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return text
    raise ValueError("the address must be https (http is taken for loopback only)")


def web_address(text: str) -> str:
    """An address that people open: http or https. Raises ValueError."""
    if _split(text).scheme not in {"http", "https"}:
        raise ValueError("the address must begin with https:// or http://")
    return text


def is_loopback(host: str) -> bool:
    """Whether the host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult:
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("an address has no blanks or control characters, and at most 2,000 in all")
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError("this is not a web address") from None  # the cause would repeat the text
    if not usable:
        raise ValueError("this is not a web address: expected https://HOST/...")
    if parts.username is not None:
        raise ValueError("an address must not hold a user name or password")
    return parts
