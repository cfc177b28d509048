"""Old and new values of one parameter, field by field; of a secret only whether it changes.

So it is with what may be one in a project: `api_key`, which takes a key's name, and what is stored
under a key that Headroom does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from headroom.config.models import DefaultsModel, ProjectModel, RuleModel
from headroom.config.parameter_store import Stored
from headroom.config.wording import named
from headroom.domain.rules import Severity
from headroom_cli.config_file.publish import Parameter

HIDDEN = "***"
NOTHING = "(not set)"
WHOLE = "the value"
"""The field of what has none."""

_PASTED_INTO = "api_key"
"""A key is easily pasted where its name belongs."""
_BELOW = {(key,) for key in (*Severity, "language", "phone_number")}
"""What stands below a known key, in `channels` and `per`."""
_RUN = re.compile(r"[A-Za-z0-9_+/=.-]{20,}")
_LETTERS = re.compile(r"[A-Za-z]{20}")
"""So many letters in one piece may be a key, too."""

_Path = tuple[str, ...]


def differences(old: Stored, new: Parameter) -> list[str]:
    """As in `limit: 100 -> 120` and `webhook_url: *** -> *** (changed)`."""
    secret = new.secure or old.secure
    before, after = _fields(old.value), _fields(new.value.get_secret_value())
    if not secret and (WHOLE,) in before:
        return ["what is stored is not valid JSON"]
    lines = [
        _line(path, before.get(path), after.get(path), hidden=secret or not _shown(path))
        for path in dict.fromkeys([*before, *after])
        if before.get(path) != after.get(path)
    ]
    if new.secure and not old.secure:
        lines.append("it was stored in plain text: change the secret itself, too")
    return lines or ["only spacing or order"]


def _fields(text: str) -> Mapping[_Path, str]:
    """Each leaf of the JSON by its path; text that is no JSON object (an API key) is one leaf."""
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
    """Whether the values of a project or of the defaults at this place can be no secrets."""
    known = {*ProjectModel.known_keys(), *DefaultsModel.known_keys()} - {_PASTED_INTO, "rules"}
    if path[0] == "rules":
        path, known = path[2:], set(RuleModel.known_keys())
    return bool(path) and path[0] in known and (len(path) == 1 or path[1:] in _BELOW)


def _line(path: _Path, was: str | None, now: str | None, *, hidden: bool) -> str:
    field = ".".join(map(_discreet, path))
    changed = " (changed)" if hidden and was is not None and now is not None else ""
    return f"{field}: {_told(was, hidden=hidden)} -> {_told(now, hidden=hidden)}{changed}"


def _told(value: str | None, *, hidden: bool) -> str:
    if value is None:
        return NOTHING
    return HIDDEN if hidden else _discreet(value)


def _discreet(text: str) -> str:
    """See `named`; keys that are letters only are left out as well."""
    return named(_RUN.sub(lambda run: "..." if _LETTERS.search(run[0]) else run[0], text))
