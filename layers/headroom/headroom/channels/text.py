"""Other people's words made fit to print: names from the API are text, never markup."""

from __future__ import annotations

import unicodedata

from headroom.domain.formatting import one_line, shorten

ELLIPSIS = "…"
"""One character: bodies are Unicode, unlike first lines."""

_JOINER = "\u200d"
"""Holds emoji together; every other invisible character (category C) goes."""


def plain(text: str, room: int) -> str:
    """Make one line of at most `room` characters, without control or direction characters.

    Those vanish, since they may stand inside a word; letters of every script stay.
    """
    return shorten(one_line(text, _visible), room, ELLIPSIS)


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char)[0] == "C" and char != _JOINER else char
