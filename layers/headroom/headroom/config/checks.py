"""Checks of single values: each takes what JSON or YAML gave, whatever its type.

A check returns the value or raises ValueError with the sentence that the operator reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headroom.config.pasted import pasted
from headroom.config.wording import HALF, shown, suggestion
from headroom.domain import conditions

T = TypeVar("T")
Check = Callable[[object], T]

_MOST_CALLS = 10**6
_BARE = re.compile(r"\s*[0-9]{1,3}\s*")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,3}")


def text(value: object, example: str) -> str:
    """Any text; YAML makes numbers and yes-or-no values of words that are not in quotes."""
    if isinstance(value, str):
        if HALF.search(value):  # which no address can hold, and no stored document
            raise ValueError(f"expected whole characters, found {shown(value)}")
        return value
    raise ValueError(f'expected text in quotes, such as "{example}", found {shown(value)}')


def secret_text(value: object) -> str:
    """Any text that is a secret, without white space around it; never repeated in an error."""
    if isinstance(value, str):
        return pasted(value)
    raise ValueError("expected text in quotes")


def pasted_text(check: Check[T]) -> Check[T]:
    """The same check for text that people paste: white space around it means nothing."""
    return lambda value: check(pasted(value) if isinstance(value, str) else value)


def matching(pattern: str, example: str, expected: str) -> Check[str]:
    """A check for text of one shape."""
    shape = re.compile(pattern)

    def check(value: object) -> str:
        word = text(value, example)
        if shape.fullmatch(word):
            return word
        raise ValueError(f"expected {expected}, such as {example}, found {shown(word)}")

    return check


def one_of(*known: str) -> Check[str]:
    """A check for one of a few words."""

    def check(value: object) -> str:
        word = text(value, known[0])
        if word in known:
            return word
        raise ValueError(f"{shown(word)} is not known: {suggestion(word, known)}")

    return check


def whole(low: int, high: int) -> Check[int]:
    """A check for a whole number."""

    def check(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise ValueError(
            f"expected a whole number from {low} to {high:,}, without quotes, found {shown(value)}"
        )

    return check


def yes_or_no(value: object) -> bool:
    """A check for true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"expected true or false, without quotes, found {shown(value)}")


def parsed(parse: Callable[[str], T], example: str) -> Check[T]:
    """A check for text with a grammar of its own."""
    return lambda value: _understood(parse, text(value, example))


def _understood(parse: Callable[[str], T], written: str) -> T:
    """What the text says; one that is not understood is told as discreetly as any other value."""
    try:
        return parse(written)
    except conditions.NotUnderstood as error:
        problem = f"{shown(error.text)}, character {error.position}: {error.problem}"
    raise ValueError(problem)


def seconds(low: int, high: int) -> Callable[[str], int]:
    """A parser of durations within bounds."""

    def parse(written: str) -> int:
        length = conditions.duration(written)
        if low <= length <= high:
            return length
        raise ValueError(f"expected {low} to {high:,} seconds, found {shown(written)}")

    return parse


def windows(value: object) -> tuple[int, int]:
    """How many windows must breach; a bare number is refused with what it most likely means."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    written = text(value, "2 of 3")
    if _BARE.fullmatch(written):
        raise ValueError(
            f'expected "M of N" windows, found {shown(written)}: '
            f'did you mean "{written.strip()} of {written.strip()}"?'
        )
    return _understood(conditions.windows, written)


def margin(value: object) -> conditions.Margin:
    """A hysteresis; a bare number of calls needs no quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _MOST_CALLS:
            raise ValueError(f"expected fewer than {_MOST_CALLS:,} calls, found {shown(value)}")
        return _understood(conditions.margin, str(value))
    return _understood(conditions.margin, text(value, "5%"))


def timezone(value: object) -> str:
    """The name of a zone that this machine's time zone data knows."""
    name = text(value, "Europe/London")
    unknown = f"the time zone {shown(name)} is not known: expected a name such as Europe/London"
    if not _ZONE.fullmatch(name):  # zoneinfo imports a package for each part that it is given
        raise ValueError(unknown)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(unknown) from None
