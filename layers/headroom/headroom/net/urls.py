"""Checks of the URLs that operators write. No message repeats the URL: it may be a secret."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, quote, urlsplit

from headroom.domain.links import LONGEST_LINK, linkable
from headroom.net.address_policy import is_loopback, literal, may_reach

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]*)?")
_NUMBERS = re.compile(r"[0-9.]+")
_LABEL = 63
"""Longest label of a host name, in characters: RFC 1035, section 2.3.4."""
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,2000}")
_UNSAFE = re.compile(r'[ "<>\\^`{|}]|[^\x00-\x7f]')
"""Characters that a link must encode; others that cannot be printed are refused instead."""


def safe_address(text: str) -> str:
    """Accept an https URL, or http to loopback. Raises ValueError, which never holds the text.

    What a name resolves to is checked when connecting (`guarded_backend`), where loopback is for
    development only.
    """
    parts = _split(text)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("the address must be https (http is taken for loopback only)")
    if (address := literal(host)) and not may_reach(host, address, loopback=True):
        raise ValueError("the address must not be of a private network: give a public one")
    return text


def safe_host(text: str) -> str:
    """A safe address that ends with its host, without a final slash. Raises ValueError."""
    address = safe_address(text).rstrip("/")
    if urlsplit(address).path or "?" in address or "#" in address:
        raise ValueError("the address must end with its host: no path, no query")
    return address


def link(text: str) -> str:
    """A URL for people to open, http or https, in a form that every channel can link.

    Characters that break links, such as a blank or `|`, are percent-encoded. Raises ValueError.
    """
    address = _UNSAFE.sub(_encoded, text)
    if _split(address).scheme not in {"http", "https"}:
        raise ValueError("the address must begin with https:// or http://")
    length = len(address.replace("&", "&amp;"))  # Slack's form
    if length > LONGEST_LINK:
        raise ValueError(
            f"a link has at most {LONGEST_LINK} characters, this one {length:,}: "
            "link a shorter address"
        )
    if not linkable(address):
        raise ValueError("this is not an address that can be linked")
    return address


def _encoded(found: re.Match[str]) -> str:
    """Percent-encode one character; an invisible one stays, and is refused later."""
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
