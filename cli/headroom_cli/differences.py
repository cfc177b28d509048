"""Old and new values of one parameter, field by field; of a secret only whether it changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from headroom.config.listing import Stored
from headroom.config.parameters import Parameter
from headroom.config.wording import named

HIDDEN = "***"
NOTHING = "(not set)"
WHOLE = "the value"
"""The field of what has none."""


def differences(old: Stored, new: Parameter) -> list[str]:
    """As in `limit: 100 -> 120` and `webhook_url: *** -> *** (changed)`."""
    secret = new.secure or old.secure
    before, after = _fields(old.value), _fields(new.value.get_secret_value())
    if not secret and WHOLE in before:
        return ["what is stored is not valid JSON"]
    lines = [
        f"{field}: {_told(was, secret=secret)} -> {_told(now, secret=secret)}"
        + (" (changed)" if secret and was is not None and now is not None else "")
        for field, was, now in _changed(before, after)
    ]
    if new.secure and not old.secure:
        lines.append("it was stored in plain text: change the secret itself, too")
    return lines or ["only spacing or order"]


def _fields(text: str) -> Mapping[str, str]:
    """Each leaf of the JSON by its path; text that is no JSON object (an API key) is one leaf."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {WHOLE: text}
    return dict(_leaves(content)) if isinstance(content, dict) else {WHOLE: text}


def _leaves(content: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{path}{named(name)}.")
        else:
            yield f"{path}{named(name)}", json.dumps(value, ensure_ascii=False)


def _changed(
    before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[tuple[str, str | None, str | None]]:
    for field in dict.fromkeys([*before, *after]):
        was, now = before.get(field), after.get(field)
        if was != now:
            yield field, was, now


def _told(value: str | None, *, secret: bool) -> str:
    if value is None:
        return NOTHING
    return HIDDEN if secret else named(value)
