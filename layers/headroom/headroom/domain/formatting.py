"""Words for people: durations, shares of the limit, names made safe for one ASCII line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from headroom.domain.windows import Instant

ELLIPSIS = "..."

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: int) -> str:
    """As in `25 min`, `2 h 5 min`, `3 d 4 h`: at most two units, rounded down."""
    seconds = max(0, seconds)
    days, hours = seconds // _DAY, seconds % _DAY // _HOUR
    minutes = seconds % _HOUR // _MINUTE
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def percent(value: int, limit: int) -> int:
    """Round down, so that 100 means full; but never 0 while there are calls."""
    return max(100 * value // limit, 1 if value > 0 else 0)


def calls(value: int | None, limit: int | None, *, unit: bool = True) -> str:
    """As in `114/120 calls (95%)`, `22 calls`, `118/120 (98%)`, `no reading`."""
    if value is None:
        return "no reading"
    if not limit:
        return f"{value} {'call' if value == 1 else 'calls'}"
    return f"{value}/{limit}{' calls' if unit else ''} ({percent(value, limit)}%)"


def clock(instant: Instant) -> str:
    """As in `10:05 UTC`."""
    return datetime.fromtimestamp(instant, UTC).strftime("%H:%M UTC")


def among(names: Sequence[str], most: int = 10) -> str:
    """Name the first of them, and say how many more there are: `a, b and 38 more`."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def one_line(text: str, shown: Callable[[str], str]) -> str:
    """Each character as `shown` gives it, white space as single spaces, none around.

    Three readers need different characters: `ascii_line` for the first line, which goes everywhere;
    `channels.message.plain` for names in bodies; `polyai.failures` for PolyAI's own words.
    """
    return " ".join("".join(map(shown, text)).split())


def ascii_line(text: str) -> str:
    """One line of printable ASCII: accents dropped, what has no ASCII form a `?`."""
    return one_line(unicodedata.normalize("NFKD", text), _ascii)


def _ascii(char: str) -> str:
    if " " <= char <= "~":
        return char
    if char.isspace():
        return " "
    # C: control characters, joiners, lone surrogates; M: accents that NFKD took off their letters.
    return "" if unicodedata.category(char)[0] in "CM" else "?"


def shorten(text: str, room: int, ellipsis: str = ELLIPSIS) -> str:
    """At most `room` characters, the end replaced by an ellipsis when it does not fit."""
    if len(text) <= room:
        return text
    return text[: max(0, room - len(ellipsis))].rstrip() + ellipsis[: max(0, room)]
