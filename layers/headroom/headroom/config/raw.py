"""What was written, before any check: the same from SSM and from a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import SecretStr

from headroom.config.pasted import pasted
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
    number: int = 0
    """SSM's number of this version, as in `v7`; 0: there is no history."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The versions of one parameter before the present one, the newest first."""

    versions: tuple[Part, ...] = ()
    problem: str = ""
    """Why they could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that operators wrote."""

    defaults: Part = field(default_factory=lambda: Part({}))
    projects: Mapping[str, Part] = field(default_factory=dict)
    channels: Mapping[str, Part] = field(default_factory=dict)
    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    bad_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys that cannot be used, and why."""
    kept_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of which an earlier version stays in force: what is wrong with the newest."""
    heartbeat: Part | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    """Those that the file has; `push` leaves the others as they are stored."""
    ignored: tuple[str, ...] = ()
    """Names under the prefix that mean nothing to Headroom."""
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    """By parameter (`projects/line`), as far as somebody asked: `Configuration.wants`."""
    wants: Mapping[str, int] = field(default_factory=dict)
    """Keys that cannot be used and have earlier versions, as `Configuration.wants`."""


def json_part(text: str, version: int = 0, number: int = 0) -> Part:
    """Parse one parameter's JSON. The problem names the place, never the text (secrets)."""
    try:
        content = json.loads(
            pasted(text), object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_short
        )
    except json.JSONDecodeError as error:
        return Part(problem=_place(text, error), version=version, number=number)
    except RecursionError:
        return Part(problem="the JSON is nested too deeply", version=version, number=number)
    except ValueError as error:
        return Part(problem=f"the JSON is not usable: {error}", version=version, number=number)
    return Part(content, version=version, number=number)


def key_problem(value: object) -> str:
    """Why this cannot be an API key, which travels in a header; '' when it can.

    White space around it does not count: whoever takes the key strips it (`pasted`).
    """
    value = pasted(value) if isinstance(value, str) else value
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
