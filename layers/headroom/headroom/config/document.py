"""What was written, before any check: the same from SSM and from a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import SecretStr

from headroom.config.wording import named

SHORTEST_KEY = 8
"""Characters; a key is masked wherever it turns up, and a shorter one would mask common words."""
_LONGEST_NUMBER = 18
"""Digits; Python itself refuses thousands of them, in words of its own."""
SECTIONS = ("defaults", "projects", "channels", "keys", "heartbeat")


@dataclass(frozen=True, slots=True)
class Part:
    """One parameter, or one entry of the file."""

    content: object = field(default=None, repr=False)
    """What JSON or YAML gave; may hold a secret."""
    problem: str = ""
    """Why there is no content."""
    version: int = 0
    """When it was written, in milliseconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that operators wrote."""

    defaults: Part = field(default_factory=lambda: Part({}))
    projects: Mapping[str, Part] = field(default_factory=dict)
    channels: Mapping[str, Part] = field(default_factory=dict)
    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    bad_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys that cannot be used, and why."""
    heartbeat: Part | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    """Those that the file has; `push` leaves the others as they are stored."""
    ignored: tuple[str, ...] = ()
    """Names under the prefix that mean nothing to Headroom."""


def json_part(text: str, version: int = 0) -> Part:
    """Parse one parameter's JSON. The problem tells the place, never the text (secrets)."""
    try:
        content = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_short
        )
    except json.JSONDecodeError as error:
        return Part(problem=_place(text, error), version=version)
    except RecursionError:
        return Part(problem="the JSON is nested too deeply", version=version)
    except ValueError as error:
        return Part(problem=f"the JSON is not usable: {error}", version=version)
    return Part(content, version=version)


def key_problem(value: object) -> str:
    """Why this cannot be an API key, which travels in a header; '' when it can."""
    if not (isinstance(value, str) and value and value.isascii() and value.isprintable()):
        return "an API key is one line of printable ASCII text, in quotes"
    if " " in value:
        return "an API key holds no blanks"
    if len(value) < SHORTEST_KEY:
        return f"an API key has at least {SHORTEST_KEY} characters: give all of it"
    return ""


def _place(text: str, error: json.JSONDecodeError) -> str:
    cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    what = "is cut off" if cut else f"is not valid ({error.msg.lower()})"
    return f"the JSON {what} at line {error.lineno}, column {error.colno}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    whole = dict(pairs)
    if len(whole) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        raise ValueError(f'"{named(max(counted, key=counted.__getitem__))}" is written twice')
    return whole


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _short(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError(f"a number has {len(digits):,} digits")
    return int(digits)
