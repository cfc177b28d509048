"""How notices look on a terminal: the colour says again what the first word says."""

from __future__ import annotations

from rich.text import Text

STYLES = {
    "CRITICAL": "bold red",
    "WARNING": "yellow",
    "STILL": "magenta",
    "MISSED": "magenta",
    "EASED": "cyan",
    "RESOLVED": "green",
    "CLOSED": "green",
    "resolve:": "green",
}


def styled(headline: str) -> Text:
    """Colour a notice's first line; never markup, whatever names are in it."""
    return Text(headline, style=STYLES.get(headline.split(" ", 1)[0], ""))
