"""The built-in channel of `headroom watch`: notices as lines on a terminal."""

from __future__ import annotations

from collections.abc import Callable

from headroom.channels.builtin_text import fix
from headroom.channels.message import first_line, plain
from headroom.domain.digest import Digest
from headroom.domain.headline import UNDELIVERABLE
from headroom.domain.notices import Notice

_REASON = 500


class Console:
    """Prints each notice's first line, a reason that does not fit there, and the fix."""

    is_pager = False
    timeout = 1.0

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`; writing always succeeds."""
        self._write(text(notice))

    async def send_digest(self, digest: Digest) -> None:
        """See `Chat.send_digest`."""
        below = [*digest.lines, digest.rest, digest.over]
        self._write("\n  ".join([digest.summary, *(line for line in below if line)]))


def text(notice: Notice) -> str:
    """One line; below it a reason that does not fit there, what was not delivered, and the fix."""
    line, reason = first_line(notice), plain(notice.full_reason, _REASON)
    lost = plain(notice.description, _REASON) if notice.rule == UNDELIVERABLE else ""
    below = [reason if reason not in line else "", lost, fix(notice)]
    return "\n  ".join([line, *(each for each in below if each)])
