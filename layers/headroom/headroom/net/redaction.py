"""Taking secrets out of what others say: services repeat what they were asked, whole or in part."""

from __future__ import annotations

import base64
import string
from collections.abc import Iterator
from urllib.parse import quote

PIECE = 8
"""Characters; a shorter piece of a secret opens nothing, and would mask common words."""

MASK = "..."

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Letter for letter: `lower` makes two of some."""


def masked(text: str, *secrets: str) -> str:
    """The text without any piece of a secret, as it is or as base64, hexadecimal or percent code.

    Case does not count, since services like to change it. Costs as much as both are long: cut the
    text first, to more than will be shown.
    """
    plain = {piece for secret in secrets for form in _forms(secret) for piece in _pieces(form)}
    coded = {piece for secret in secrets for form in _base64(secret) for piece in _pieces(form)}
    lower = text.translate(_LOWER)
    kept, hidden_until = list[str](), 0
    for at, letter in enumerate(text):
        if lower[at : at + PIECE] in plain or text[at : at + PIECE] in coded:
            kept.append(MASK if hidden_until <= at else "")
            hidden_until = at + PIECE
        elif at >= hidden_until:
            kept.append(letter)
    return "".join(kept)


def _forms(secret: str) -> Iterator[str]:
    yield secret.translate(_LOWER)
    yield quote(secret, safe="").translate(_LOWER)
    yield secret.encode().hex()


def _base64(secret: str) -> Iterator[str]:
    """As it looks behind none, one or two other bytes, less what its neighbours change."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
        yield text[4 if before else 0 :]
        yield text[4 if before else 0 :].replace("+", "-").replace("/", "_")


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(len(text) - PIECE + 1))
