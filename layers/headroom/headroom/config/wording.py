"""How values and near misses are told to the operator who wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

HALF = re.compile("[\ud800-\udfff]")
"""Half a character: a lone surrogate, which JSON and YAML can write and UTF-8 cannot."""

_SHOWN = 60
_NAME = 64
_LARGE = 10**15


def shown(value: object) -> str:
    """A value in a sentence, short; never called with a secret."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the yes-or-no value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}" if abs(value) < _LARGE else "a very large number"
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")
    return kind_of(value)


def named(name: str) -> str:
    """A name in a sentence as it was written: short, escapes for what cannot be printed."""
    return repr(name[:_NAME])[1:-1]


def kind_of(value: object) -> str:
    """What sort of value it is, without the value itself."""
    kinds = {dict: "a mapping", list: "a list", bool: "a yes-or-no value", str: "text"}
    if value is None:
        return "nothing"
    return kinds.get(type(value), f"a {type(value).__name__}")


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean "critical"?`, or all that is known where nothing is near."""
    names = sorted(known)
    near = get_close_matches(word[:_NAME], names, n=1, cutoff=0.5)
    if near:
        return f'did you mean "{near[0]}"?'
    return "known are " + ", ".join(names) if names else "there is none"
