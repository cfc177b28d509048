"""The laptop's built-in channel: notices as lines on a terminal."""

from __future__ import annotations

from collections.abc import Callable

from headroom.channels.message import first_line
from headroom.channels.text import plain
from headroom.domain.digest import Digest
from headroom.domain.notices import Notice

_REASON = 500


class Console:
    """Prints each notice's first line, and its reason where the line has no room for it."""

    pages = False
    timeout = 1.0

    def __init__(self, name: str, write: Callable[[str], None]) -> None:
        self._name = name
        self._write = write

    @property
    def name(self) -> str:
        """As projects name it."""
        return self._name

    async def send(self, notice: Notice) -> None:
        """Write it; nothing refuses here."""
        self._write(text(notice))

    async def send_digest(self, digest: Digest) -> None:
        """Write its lines; nothing refuses here."""
        below = [*digest.lines, digest.rest, digest.over]
        self._write("\n  ".join([digest.summary, *(line for line in below if line)]))


def text(notice: Notice) -> str:
    """Give one line, or two when the reason does not fit into it."""
    line, reason = first_line(notice), plain(notice.reason, _REASON)
    return f"{line}\n  {reason}" if reason and reason not in line else line
