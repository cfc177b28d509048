"""Printing: plain text that never raises, and colour on a terminal."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Mapping
from typing import IO, TextIO, cast

from rich.console import Console
from rich.text import Text

from headroom.config.wording import named
from headroom.domain.formatting import among
from headroom.domain.windows import Instant, iso

STYLES: Mapping[str, str] = {
    "CRITICAL": "bold red",
    "WARNING": "yellow",
    "STILL": "magenta",
    "MISSED": "magenta",
    "EASED": "cyan",
    "RESOLVED": "green",
    "CLOSED": "green",
    "resolve:": "green",
}
"""Colour by a notice's first word; it adds no information."""
SHOWN = 5
"""Names listed in one line."""


def terminal(*, stderr: bool = False) -> Console:
    """Return a console that prints text as is, without markup, and never raises."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=cast("IO[str]", SafeStream(stream))
        if stream
        else None,  # None: it was closed at start
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        stderr=stderr,
    )


def styled(headline: str) -> Text:
    """Colour a notice's first line."""
    return Text(headline, style=STYLES.get(headline.split(" ", 1)[0], ""))


def clock(instant: Instant) -> str:
    """Format as hours and minutes, UTC."""
    return iso(instant)[11:16]


def entry(at: Instant, source: str, text: Text, width: int = 18, *, zone: str = "") -> Text:
    """Format one log line: time, source, text. Give `zone` if no heading names the time zone."""
    return Text.assemble((f"{clock(at)}{zone}", "dim"), f"  {source:<{width}}  ", text)


def by_cause(troubled: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Group names by what is wrong with them: a mistake in `defaults` is one line."""
    return grouped((name, why, why) for name, why in troubled)


def grouped(troubled: Iterable[tuple[str, str, str]]) -> Mapping[str, list[str]]:
    """Group names by the cause that they share, the second of each; a single one has the third."""
    causes: dict[str, list[tuple[str, str]]] = {}
    for name, cause, whole in troubled:
        causes.setdefault(cause, []).append((name, whole))
    return {
        cause if len(found) > 1 else found[0][1]: [name for name, _ in found]
        for cause, found in causes.items()
    }


def listed_names(names: Iterable[str]) -> str:
    """List a few names: `a, b, c, d, e and 9 more`. The reason follows and must not be cut off."""
    return among(sorted(map(named, names)), SHOWN)


def count(number: int, thing: str) -> str:
    """Format a number with its noun: `1 notice`, `2 notices`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def replace_unprintable() -> None:
    """Make stdout and stderr print `?` for characters that their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class SafeStream(io.TextIOBase):
    """A stream that ignores write errors: a full disk or a closed pipe must not stop the work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read only: as the stream has it
        """Such as `utf-8`."""
        return self._stream.encoding or "utf-8"

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor, for the terminal's width. Raises OSError if there is none."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write, ignoring errors."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        """Flush, ignoring errors."""
        try:
            self._stream.flush()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """After a broken pipe, discard all further output, including Python's own flush at exit.

        https://docs.python.org/3/library/signal.html#note-on-sigpipe
        """
        if isinstance(error, BrokenPipeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
