"""Printing stops nothing: neither a character, nor a full disk, nor a reader who has gone."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def lenient() -> None:
    """Have stdout and stderr print `?` for what their encoding lacks, whoever prints."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class Steady(io.TextIOBase):
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
