"""Made-up secrets, and the search for them: whole, in pieces, in another case, encoded."""

from __future__ import annotations

import base64
import secrets
import string
from collections.abc import Iterator
from dataclasses import dataclass, field

PIECE = 10
"""Characters; a piece of a secret this long does not occur by chance."""

_LETTERS = string.ascii_letters + string.digits


@dataclass
class Secrets:
    """Every secret of one run, by what it is."""

    made: dict[str, str] = field(default_factory=dict)
    _pieces: dict[str, str] = field(default_factory=dict)
    _encoded: dict[str, str] = field(default_factory=dict)

    def new(self, what: str, length: int = 24) -> str:
        """A new random secret of letters and digits, at least one of each."""
        made = "".join(secrets.choice(_LETTERS) for _ in range(length - 2)) + "7q"
        self.made[what] = made
        self._pieces |= dict.fromkeys(_windows(made.lower()), what)
        self._pieces |= dict.fromkeys(_windows(made.encode().hex()), what)
        self._encoded |= {window: what for text in _in_base64(made) for window in _windows(text)}
        return made

    def found_in(self, text: str) -> set[str]:
        """The names of the secrets that the text holds, whole or in part."""
        return {self._pieces[each] for each in _windows(text.lower()) if each in self._pieces} | {
            self._encoded[each] for each in _windows(text) if each in self._encoded
        }


def _windows(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(len(text) - PIECE + 1))


def _in_base64(secret: str) -> Iterator[str]:
    """The secret in base64 after zero, one or two other bytes, without what those change."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode()
        yield text[4 if before else 0 : -4]
