"""Text that people paste: keys and addresses lose the white space around them."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Unicode categories: control and format characters (BOM, zero-width), separators (NBSP)."""

SHORTEST_KEY = 8
"""Characters; a key is masked wherever it turns up, and a shorter one would mask common words."""
ENVIRONMENT = "env:"
"""Stands before the name of the environment variable that holds a value."""
_OTHER_FORMS = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,127})\}?|env:\s+([A-Za-z_][A-Za-z0-9_]*)")


def pasted(text: str) -> str:
    """The text without what cannot be seen at its beginning and its end."""
    begin, end = 0, len(text)
    while begin < end and unicodedata.category(text[begin]) in _INVISIBLE:
        begin += 1
    while end > begin and unicodedata.category(text[end - 1]) in _INVISIBLE:
        end -= 1
    return text[begin:end]


def meant_variable(text: str) -> str:
    """The variable that `$X`, `${X}` or `env: X` was meant to name; '' for any other text."""
    found = _OTHER_FORMS.fullmatch(pasted(text))
    return (found[1] or found[2]) if found else ""


def key_problem(value: object) -> str:
    """Why this cannot be an API key, which travels in a header; '' when it can.

    White space around it is ignored: it is stripped when the key is read (`pasted`).
    """
    value = pasted(value) if isinstance(value, str) else value
    if not (isinstance(value, str) and value and value.isascii() and value.isprintable()):
        return "an API key is one line of printable ASCII text, in quotes"
    if " " in value:
        return "an API key holds no blanks"
    if len(value) < SHORTEST_KEY:
        return f"an API key has at least {SHORTEST_KEY} characters: give all of it"
    return ""
