"""PolyAI's regions: the host of each one's API, and of its Agent Studio.

Facts: https://docs.poly.ai/api-reference/introduction (base URLs) and
https://docs.poly.ai/api-reference/quickstart (the ids are the first two segments of a Studio URL).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote


class _Hosts(NamedTuple):
    api: str
    studio: str


_HOSTS = {
    "us-1": _Hosts("https://api.us-1.platform.polyai.app", "https://studio.us.poly.ai"),
    "uk-1": _Hosts("https://api.uk-1.platform.polyai.app", "https://studio.uk.poly.ai"),
    "euw-1": _Hosts("https://api.euw-1.platform.polyai.app", "https://studio.eu.poly.ai"),
    "studio": _Hosts("https://api.studio.poly.ai", "https://studio.poly.ai"),
}

REGIONS = tuple(_HOSTS)
"""Every region; `studio` serves self-serve accounts."""


def api_url(region: str) -> str:
    """The base URL of a region's API, without a final slash; the region is one of `REGIONS`."""
    return _HOSTS[region].api


def studio_url(region: str, account: str, project: str) -> str:
    """The URL of a project's page in Agent Studio; the region is one of `REGIONS`."""
    return f"{_HOSTS[region].studio}/{quote(account, safe='')}/{quote(project, safe='')}"
