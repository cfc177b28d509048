"""What stays in force, and what is unprotected, while a part of the configuration is invalid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from headroom.domain.formatting import duration
from headroom.domain.windows import Instant


@dataclass(frozen=True, slots=True)
class LastGood:
    """An earlier version that stays in force."""

    number: int
    """SSM's number of it."""
    written: Instant
    what: str = ""
    """What of it is in force, such as the names of rules; empty: all of it."""

    def told(self, now: Instant | None) -> str:
        """As in `near-limit of v6 of 2026-11-20 (10 d 4 h old) stays in force`."""
        of = f"{self.what} of " if self.what else ""
        age = "" if now is None else f" ({duration(now - self.written)} old)"
        date = datetime.fromtimestamp(self.written, UTC).strftime("%Y-%m-%d")
        return f"{of}v{self.number} of {date}{age} stays in force"


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What holds until a part of the configuration is fixed."""

    newest: int = 0
    """SSM's number of the invalid version."""
    kept: tuple[LastGood, ...] = ()
    effects: tuple[str, ...] = ()
    """Further consequences: `not judged meanwhile: dead-line`."""

    def also(self, *effects: str) -> Meanwhile:
        """The same with these effects, as far as there are any."""
        return replace(self, effects=(*self.effects, *filter(None, effects)))

    def told(self, now: Instant | None = None) -> str:
        """To be said behind what is wrong; with `now`, how old the versions are."""
        kept = ", ".join(each.told(now) for each in self.kept)
        parts = [f"v{self.newest} is invalid, {kept}"] if kept else []
        return "".join(f"; {part}" for part in (*parts, *self.effects))


NOTHING = Meanwhile()
