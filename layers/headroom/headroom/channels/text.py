"""Other people's words made fit to print: names from the API are text, never markup."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"

_JOINER = "\u200d"
"""Holds emoji together; every other invisible character (category C) goes."""


def plain(text: str, room: int) -> str:
    """Make one line of at most `room` characters, without control or direction characters."""
    visible = "".join(_visible(char) for char in text)
    return cut(" ".join(visible.split()), room)


def cut(text: str, room: int) -> str:
    """Keep at most `room` characters; an ellipsis says that there were more."""
    return text if len(text) <= room else text[: room - 1].rstrip() + ELLIPSIS


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char)[0] == "C" and char != _JOINER else char
