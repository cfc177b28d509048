"""Web addresses that operators write. No sentence here repeats the address: it may be a secret."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from headroom.domain.links import LONGEST_LINK, linkable
from headroom.net.address_policy import is_loopback, literal, may_reach

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]*)?")
_NUMBERS = re.compile(r"[0-9.]+")
_LABEL = 63
"""Characters between two dots of a name, at most: RFC 1035, section 2.3.4."""
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,2000}")
_UNSAFE = re.compile(r'[ "<>\\^`{|}]|[^\x00-\x7f]')
"""What no link may hold as it is; anything else that is not printable is refused, not encoded."""


def safe_address(text: str) -> str:
    """An https address, or http to loopback only. Raises ValueError, which never holds the text.

    What a name resolves to is looked at when it is connected to (`net`), and there loopback
    is for development alone.
    """
    parts = _split(text)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("the address must be https (http is taken for loopback only)")
    if (address := literal(host)) and not may_reach(host, address, loopback=True):
        raise ValueError("the address must not be of a private network: give a public one")
    return text


def safe_host(text: str) -> str:
    """A safe address of a host alone, without the slash at its end. Raises ValueError as above."""
    address = safe_address(text).rstrip("/")
    if urlsplit(address).path or "?" in address or "#" in address:
        raise ValueError("the address must end with its host: no path, no query")
    return address


def link(text: str) -> str:
    """An address that people open, http or https, such that every channel can link it.

    What a link may not hold, such as a blank or `|`, is percent-encoded. Raises ValueError.
    """
    address = _UNSAFE.sub(_encoded, text)
    if _split(address).scheme not in {"http", "https"}:
        raise ValueError("the address must begin with https:// or http://")
    length = len(address.replace("&", "&amp;"))  # as Slack is sent it
    if length > LONGEST_LINK:
        raise ValueError(
            f"a link has at most {LONGEST_LINK} characters, this one {length:,}: "
            "link a shorter address"
        )
    if not linkable(address):
        raise ValueError("this is not an address that can be linked")
    return address


def _encoded(found: re.Match[str]) -> str:
    """Percent-encode one character; one that cannot be seen stays, and is refused later."""
    visible = found[0] == " " or found[0].isprintable()
    return quote(found[0]) if visible else found[0]


def _split(text: str) -> SplitResult:
    if not _PRINTABLE.fullmatch(text):
        raise ValueError("an address has no blanks or control characters, and at most 2,000 in all")
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
        if _NUMBERS.fullmatch(parts.hostname or ""):
            ip_address(parts.hostname or "")
    except ValueError:
        raise ValueError("this is not a web address") from None  # the cause would repeat the text
    if not usable:
        raise ValueError("this is not a web address: expected https://HOST/...")
    if parts.username is not None:
        raise ValueError("an address must not hold a user name or password")
    labels = (parts.hostname or "").removesuffix(".").split(".")
    if not _HOST.fullmatch(parts.netloc) or not all(0 < len(label) <= _LABEL for label in labels):
        raise ValueError("this is not a web address: its host is not one")
    return parts
