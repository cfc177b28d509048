"""The web addresses that every channel can link, so that no channel drops an accepted one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST_LINK = 750
"""Characters, `&` counted as the `&amp;` that Slack is sent.

Slack takes 3,000 in one text (docs.slack.dev, Block Kit); a message stays short.
"""

_LINKABLE = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""Printable ASCII without the characters that end or break a link: space " < > \\ ^ ` { | }."""


def linkable(url: str) -> bool:
    """Whether this is an http(s) address that Slack, PagerDuty and mail programs can link whole."""
    if len(url.replace("&", "&amp;")) > LONGEST_LINK or not _LINKABLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
