"""How values and near misses are told to the operator who wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from headroom.net.redaction import redact_unknown

HALF = re.compile("[\ud800-\udfff]")
"""Half a character: a lone surrogate, which JSON and YAML can write and UTF-8 cannot."""

TOLD = 3
"""Problems that one notice tells of one thing; more would not be read."""
_SHOWN = 60
_NAME = 64
_KNOWN = 20
"""Names that are told where none is near."""
_LARGE = 10**15


def shown(value: object) -> str:
    """A value in a sentence, short; what may be a secret in the wrong place is left out."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the yes-or-no value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}" if abs(value) < _LARGE else "a very large number"
    if isinstance(value, str):
        told = redact_unknown(value)
        return repr(told if len(told) <= _SHOWN else told[: _SHOWN - 3] + "...")
    return kind_of(value)


def named(name: str) -> str:
    """A name in a sentence: short, escapes for what cannot be printed, and nothing secret."""
    return repr(redact_unknown(name)[:_NAME])[1:-1]


def kind_of(value: object) -> str:
    """What sort of value it is, without the value itself."""
    kinds = {dict: "a mapping", list: "a list", bool: "a yes-or-no value", str: "text"}
    if value is None:
        return "nothing"
    return kinds.get(type(value), f"a {type(value).__name__}")


def listed(problems: Sequence[object]) -> str:
    """The first problems in one sentence, and how many more there are."""
    told = [str(problem) for problem in problems[:TOLD]]
    if len(problems) > TOLD:
        told.append(f"and {len(problems) - TOLD} more")
    return "; ".join(told)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean "critical"?`, or all that is known where nothing is near."""
    names = sorted(known)
    if meant := near(word, names):
        return f'did you mean "{named(meant)}"?'
    known_are = [*map(named, names[:_KNOWN]), *(["..."] if len(names) > _KNOWN else [])]
    return "known are " + ", ".join(known_are) if names else "there is none"


def near(word: str, known: Iterable[str]) -> str:
    """The known word that was most likely meant, in whichever case; '' where none is near."""
    names = {each.casefold(): each for each in known}
    meant = word[:_NAME].casefold()
    begun = [each for each in names if meant and each.startswith(meant)]
    found = begun or get_close_matches(meant, list(names), n=1, cutoff=0.62)
    return names[found[0]] if len(found) == 1 else ""


def some(names: Sequence[str]) -> str:
    """A few names, and how many more there are: `line-1, line-2, line-3 and 30 more`."""
    told = ", ".join(map(named, names[:TOLD]))
    return f"{told} and {len(names) - TOLD} more" if len(names) > TOLD else told
