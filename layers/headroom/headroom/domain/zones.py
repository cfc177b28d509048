"""Time zones, from the package tzdata: a laptop and the function judge by the same edition of it.

The machine's own database is not used: it may be older (Morocco decides anew each year), and it
has names that no other machine knows.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from headroom.domain.windows import Instant

UTC_ZONE = "UTC"
"""The zone of rules that have no other."""

_QUARTER = 900
"""Seconds; clocks change at full quarters of an hour."""


@cache
def names() -> frozenset[str]:
    """Every IANA name that is known: `Europe/London`."""
    return frozenset((resources.files("tzdata") / "zones").read_text().split())


@cache
def _zone(name: str) -> ZoneInfo:
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def offset(zone: str, instant: Instant) -> int:
    """Seconds that local time is ahead of UTC; `zone` is one of `names`."""
    return 0 if zone == UTC_ZONE else _offset(zone, instant // _QUARTER)


@lru_cache(maxsize=1 << 14)  # five weeks of four zones
def _offset(zone: str, quarter: int) -> int:
    ahead = datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone(_zone(zone)).utcoffset()
    return (ahead or timedelta()) // timedelta(seconds=1)
