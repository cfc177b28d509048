"""Printing: plain text that never fails, colour on a terminal, and a report in lines."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import IO, TextIO, cast

from rich.console import Console
from rich.text import Text

from headroom.config.wording import named
from headroom.domain.windows import Instant, iso
from headroom.domain.wording import within_project

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
"""By a notice's first word: the colour only says it again."""
SHOWN = 5
"""Names in one line."""
_ONE_REQUEST = re.compile(r" \(correlation id [^)]*\)")
"""What tells two failures of one cause apart: who asks PolyAI about one has it from the report."""


def terminal(*, stderr: bool = False) -> Console:
    """A console that prints text as it is: no markup, whatever names are in it. It never fails."""
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
    """Hours and minutes, UTC."""
    return iso(instant)[11:16]


def entry(at: Instant, source: str, text: Text, width: int = 18, *, zone: str = "") -> Text:
    """One line of a log: when, where, what. `zone` follows the time where no head names it."""
    return Text.assemble((f"{clock(at)}{zone}", "dim"), f"  {source:<{width}}  ", text)


def by_cause(troubled: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Names by their trouble, one project's in full: a slip in `defaults` is every project's."""
    causes: dict[str, list[tuple[str, str]]] = {}
    for name, why in troubled:
        cause = _ONE_REQUEST.sub("", within_project(name, why))
        causes.setdefault(cause, []).append((name, why))
    return {
        why if len(found) > 1 else found[0][1]: [name for name, _ in found]
        for why, found in causes.items()
    }


def listed_names(names: Iterable[str]) -> str:
    """As in `a, b, c, d, e and 9 more`: the reason comes after them, and must not be cut off."""
    found = sorted(map(named, names))
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ", ".join(found[:SHOWN]) + more


def count(number: int, thing: str) -> str:
    """As in `1 notice` and `2 notices`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def replace_unprintable() -> None:
    """Have stdout and stderr print `?` for what their encoding lacks, whoever prints."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class SafeStream(io.TextIOBase):
    """A stream whose failures are swallowed: printing is a view of the work, not the work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read only: as the stream has it
        """Such as `utf-8`."""
        return self._stream.encoding or "utf-8"

    def isatty(self) -> bool:
        """Whether somebody looks on."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """For the width of the terminal. Raises OSError when there is none."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write it, if it can be."""
        try:
            return self._stream.write(text)
        except (OSError, ValueError) as error:  # ValueError: the stream was closed
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        try:
            self._stream.flush()
        except (OSError, ValueError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        """Once a pipe's reader has gone nobody will ever read: Python's own flush at exit too.

        https://docs.python.org/3/library/signal.html#note-on-sigpipe
        """
        if isinstance(error, BrokenPipeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
