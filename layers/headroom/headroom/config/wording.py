"""How values and near misses are worded for the operator who wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from headroom.domain.formatting import among
from headroom.net.redaction import redact_unknown

SURROGATE = re.compile("[\ud800-\udfff]")
"""Invalid Unicode: a lone surrogate, which JSON and YAML can write and UTF-8 cannot."""

LISTED = 3
"""Problems of one thing in one notice; more would not be read."""
_SHOWN = 60
_NAME = 64
_KNOWN = 20
"""Names to choose from, where none is near."""
_LARGE = 10**15


def shown(value: object) -> str:
    """A value in a sentence, short; what may be a secret in the wrong place is left out."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}" if abs(value) < _LARGE else "a very large number"
    if isinstance(value, str):
        text = redact_unknown(value)
        return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")
    return kind_of(value)


def named(name: str) -> str:
    """A name in a sentence: short, escapes for what cannot be printed, and nothing secret."""
    return repr(redact_unknown(name)[:_NAME])[1:-1]


def step(name: str) -> str:
    """A name in a dotted place: in quotes where it has a dot itself."""
    return f'"{named(name)}"' if "." in name else named(name)


def kind_of(value: object) -> str:
    """What sort of value it is, without the value itself."""
    kinds = {dict: "a mapping", list: "a list", bool: "a boolean", str: "text"}
    kinds |= {int: "a number", float: "a number"}
    if value is None:
        return "nothing"
    return kinds.get(type(value), f"a {type(value).__name__}")


def listed(problems: Sequence[object]) -> str:
    """The first problems in one sentence, and how many more there are."""
    first = [str(problem) for problem in problems[:LISTED]]
    if len(problems) > LISTED:
        first.append(f"and {len(problems) - LISTED} more")
    return "; ".join(first)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean "critical"?`, or the names to choose from where nothing is near."""
    names = sorted(known)
    if meant := near(word, names):
        return f'did you mean "{named(meant)}"?'
    choice = [*map(named, names[:_KNOWN]), *(["..."] if len(names) > _KNOWN else [])]
    return "expected one of " + ", ".join(choice) if names else "there is none"


def near(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, in whichever case; '' where none is near."""
    names = {each.casefold(): each for each in known}
    meant = word[:_NAME].casefold()
    begun = [each for each in names if meant and each.startswith(meant)]
    found = begun or get_close_matches(meant, list(names), n=1, cutoff=0.62)
    return names[found[0]] if len(found) == 1 else ""


def some(names: Sequence[str]) -> str:
    """A few names, and how many more there are: `line-1, line-2, line-3 and 30 more`."""
    return among([*map(named, names)], LISTED)


def duration(seconds: int) -> str:
    """As operators write it, in the largest unit without a rest: `90s`, `5m`, `30d`."""
    units = (("d", 86400), ("h", 3600), ("m", 60))
    fits = (f"{seconds // size}{unit}" for unit, size in units if seconds and not seconds % size)
    return next(fits, f"{seconds}s")
