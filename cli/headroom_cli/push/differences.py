"""Old and new values of one parameter, field by field. Secrets are never shown.

Neither are values that may be a pasted secret: `api_key`, and values of unknown keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from headroom.config.models import DefaultsModel, GroupModel, ProjectModel, RuleModel
from headroom.config.parameter_store import Stored
from headroom.config.wording import named
from headroom.domain.formatting import among
from headroom.domain.rules import Severity
from headroom_cli.config_file.publish import Parameter

HIDDEN = "***"
NOTHING = "(not set)"
WHOLE = "the value"
"""Names a value that has no fields."""

_PASTED_INTO = "api_key"
"""Expects a key's name, but keys are easily pasted here."""
_BELOW = {(key,) for key in (*Severity, "language", "phone_number")}
"""Keys below a known key, in `channels` and `per`."""
_RUN = re.compile(r"[A-Za-z0-9_+/=.-]{20,}")
_LONG = 60
"""Characters of a list, as JSON, that both of its values fit beside each other."""
_LETTERS = re.compile(r"[A-Za-z]{20}")
"""So many letters without a break may be a secret, too."""

_MODELS = (ProjectModel, GroupModel, DefaultsModel)
_Path = tuple[str, ...]


def differences(old: Stored, new: Parameter) -> list[str]:
    """List changes: `limit: 100 -> 120`, `webhook_url: *** -> *** (changed)`."""
    secret = new.secure or old.secure
    before, after = _fields(old.value), _fields(new.value.get_secret_value())
    if not secret and (WHOLE,) in before:
        return ["the stored value is not valid JSON"]
    lines = [
        _line(path, before.get(path), after.get(path), hidden=secret or not _shown(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]
    if new.secure and not old.secure:
        lines.append("it was stored in plain text: replace the secret itself, too")
    return lines or ["only spacing or order"]


def _fields(text: str) -> Mapping[_Path, str]:
    """Return each JSON leaf by its path. Text that is no JSON object (an API key) is one leaf."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {(WHOLE,): text}
    return dict(_leaves(content)) if isinstance(content, dict) else {(WHOLE,): text}


def _leaves(content: Mapping[str, object], path: _Path = ()) -> Iterator[tuple[_Path, str]]:
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), json.dumps(value, ensure_ascii=False)


def _shown(path: _Path) -> bool:
    """Whether values at this path of a project or the defaults cannot be secrets."""
    known = {key for model in _MODELS for key in model.known_keys()} - {_PASTED_INTO, "rules"}
    if path[0] == "rules":
        path, known = path[2:], set(RuleModel.known_keys())
    return bool(path) and path[0] in known and (len(path) == 1 or path[1:] in _BELOW)


def _line(path: _Path, was: str | None, now: str | None, *, hidden: bool) -> str:
    field = ".".join(map(_discreet, path))
    if not hidden and was and now and (long := _long_list(was, now)):
        return f"{field}: {long}"
    changed = " (changed)" if hidden and was is not None and now is not None else ""
    return f"{field}: {_value(was, hidden=hidden)} -> {_value(now, hidden=hidden)}{changed}"


def _long_list(was: str, now: str) -> str:
    """What came and what went of a list that is too long to be shown; empty for other values."""
    before, after = json.loads(was), json.loads(now)
    if not (
        isinstance(before, list) and isinstance(after, list) and len(max(was, now, key=len)) > _LONG
    ):
        return ""
    parts = (
        (verb, [each for each in some if each not in others])
        for verb, some, others in (("added", after, before), ("removed", before, after))
    )
    found = [
        f"{verb} {among([_discreet(str(x)) for x in some], 3)}" for verb, some in parts if some
    ]
    return "; ".join(found) or "another order"


def _value(value: str | None, *, hidden: bool) -> str:
    if value is None:
        return NOTHING
    return HIDDEN if hidden else _discreet(value)


def _discreet(text: str) -> str:
    """Shorten as `named` does, and hide long runs of letters as well."""
    return named(_RUN.sub(lambda run: "..." if _LETTERS.search(run[0]) else run[0], text))
