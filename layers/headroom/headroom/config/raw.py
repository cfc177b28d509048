"""What operators wrote, before any check: the same from SSM and from a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from pydantic import SecretStr

from headroom.config.parameter_store import Stored
from headroom.config.pasted import key_problem, pasted
from headroom.config.validation import Problem
from headroom.config.wording import named
from headroom.domain.last_good import NOTHING, LastGood, Meanwhile

_LONGEST_NUMBER = 18
"""Digits; Python itself refuses thousands of them, in words of its own."""
PLAIN = "plain_text"
"""The code of a secret that is stored in plain text."""
KEY = "api_key"
"""The code of everything that is wrong with an API key."""
_SECURE = "store it as a SecureString"
SECTIONS = ("defaults", "projects", "groups", "channels", "keys", "heartbeat")

_JUDGED = ("projects", "groups")
"""Sections in which a name with a slash is a fault that is notified."""


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One parameter, or one entry of the file."""

    content: object = field(default=None, repr=False)
    """What JSON or YAML gave; may hold a secret."""
    problem: str = ""
    """Why there is no content."""
    version: int = 0
    """When it was written, in milliseconds since 1970."""
    number: int = 0
    """SSM's number of this version, as in `v7`; 0: there is no history."""
    code: str = "unreadable"
    """As `Problem.code`."""

    def wrong(self, where: str) -> Problem | None:
        """Why there is no content, as the problem of this place."""
        return Problem(where, self.problem, self.code) if self.problem else None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The versions of one parameter before the present one, the newest first."""

    versions: tuple[RawEntry, ...] = ()
    problem: str = ""
    """Why they could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawConfig:
    """Everything that operators wrote."""

    defaults: RawEntry = field(default_factory=lambda: RawEntry({}))
    projects: Mapping[str, RawEntry] = field(default_factory=dict)
    groups: Mapping[str, RawEntry] = field(default_factory=dict)
    channels: Mapping[str, RawEntry] = field(default_factory=dict)
    keys: Mapping[str, SecretStr] = field(default_factory=dict)
    bad_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys that cannot be used, and why."""
    kept_keys: Mapping[str, Problem] = field(default_factory=dict)
    """Keys of which an earlier version stays in force: what is wrong with the newest."""
    heartbeat: RawEntry | None = None
    sections: frozenset[str] = frozenset(SECTIONS)
    """Those that the file has; `push` leaves the others as they are stored."""
    ignored: tuple[str, ...] = ()
    """Unknown names under the prefix."""
    earlier: Mapping[str, Earlier] = field(default_factory=dict)
    """By parameter (`projects/line`), as far as they were read: `Configuration.wants`."""
    wants: Mapping[str, int] = field(default_factory=dict)
    """Keys that cannot be used and have earlier versions, as `Configuration.wants`."""


def json_entry(text: str, version: int = 0, number: int = 0) -> RawEntry:
    """Parse one parameter's JSON. The problem names the place, never the text (secrets)."""
    try:
        content = json.loads(
            pasted(text), object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_short
        )
    except json.JSONDecodeError as error:
        return RawEntry(problem=_place(text, error), version=version, number=number)
    except RecursionError:
        return RawEntry(problem="the JSON is nested too deeply", version=version, number=number)
    except ValueError as error:
        return RawEntry(problem=f"the JSON is not usable: {error}", version=version, number=number)
    return RawEntry(content, version=version, number=number)


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


def from_parameters(
    parameters: Sequence[Stored], earlier: Mapping[str, Earlier] | None = None
) -> RawConfig:
    """Sort the parameters by what they are; unknown names are `ignored`.

    `earlier`: what is known of invalid parameters' earlier versions.
    """
    sections: dict[str, dict[str, RawEntry]] = {
        name: {} for name in ("projects", "groups", "channels", "keys")
    }
    singles = {"defaults": RawEntry({})}
    ignored = []
    for parameter in parameters:
        section, _, name = parameter.name.partition("/")
        if parameter.name in ("defaults", "heartbeat"):
            singles[parameter.name] = entry_of(parameter)
        elif name and section in sections and ("/" not in name or section in _JUDGED):
            sections[section][name] = entry_of(parameter)
        else:
            ignored.append(parameter.name)
    known = earlier or {}
    keys = {
        name: last_good(entry, known.get(f"keys/{name}"), partial(_key, name))
        for name, entry in sections["keys"].items()
    }
    wrong = {name: each.problem for name, each in keys.items() if each.problem}
    good = {name: SecretStr(each.value) for name, each in keys.items() if each.value}
    return RawConfig(
        defaults=singles["defaults"],
        projects=sections["projects"],
        groups=sections["groups"],
        channels=sections["channels"],
        keys=good,
        bad_keys={name: why.told for name, why in wrong.items() if name not in good},
        kept_keys={name: why for name, why in wrong.items() if name in good},
        heartbeat=singles.get("heartbeat"),
        ignored=tuple(ignored),
        earlier=known,
        wants={f"keys/{name}": sections["keys"][name].version for name in keys if keys[name].wants},
    )


def entry_of(parameter: Stored) -> RawEntry:
    """One version of a parameter, not yet checked; a key's content is its text."""
    version, number = parameter.version, parameter.number
    if parameter.name.startswith("keys/"):
        problem = stored_key_problem(parameter)
        content = None if problem else pasted(parameter.value)
        return RawEntry(content, problem, version, number)
    if parameter.problem:
        return RawEntry(None, parameter.problem, version, number)
    secret = parameter.name.startswith("channels/") or parameter.name == "heartbeat"
    if secret and not parameter.secure:
        return RawEntry(None, _SECURE, version, number, PLAIN)
    return json_entry(parameter.value, version, number)


def _key(name: str, entry: RawEntry) -> str | Problem:
    if entry.problem:
        return Problem(f"keys.{named(name)}", entry.problem, KEY, name)
    return str(entry.content)


def stored_key_problem(key: Stored) -> str:
    """Why this parameter cannot be used as an API key; '' when it can."""
    if not key.secure:
        return _SECURE
    return key.problem or key_problem(key.value)


T = TypeVar("T")


class InForce(NamedTuple, Generic[T]):
    """What is in force of one entry, and what is wrong with its newest version."""

    value: T | None
    problem: Problem | None = None
    wants: bool = False
    """Whether it is invalid and has earlier versions that have not been read yet."""


def last_good(
    entry: RawEntry, earlier: Earlier | None, read: Callable[[RawEntry], T | Problem]
) -> InForce[T]:
    """The newest version, or the newest earlier one, that is good."""
    newest = read(entry)
    if not isinstance(newest, Problem):
        return InForce(newest)
    found = newest_good(earlier, lambda old: None if isinstance(one := read(old), Problem) else one)
    meanwhile = in_force(entry, found[1]) if found else without(earlier)
    return InForce(found and found[0], replace(newest, meanwhile=meanwhile), wanted(entry, earlier))


def newest_good(
    earlier: Earlier | None, good: Callable[[RawEntry], T | None]
) -> tuple[T, RawEntry] | None:
    """What the newest earlier version gives that is good, and that version."""
    for part in earlier.versions if earlier else ():
        found = None if part.problem else good(part)
        if found is not None:
            return found, part
    return None


def wanted(entry: RawEntry, earlier: Earlier | None) -> bool:
    """Whether an invalid entry has earlier versions that have not been read yet."""
    return entry.number > 1 and earlier is None


def in_force(newest: RawEntry, kept: RawEntry) -> Meanwhile:
    """Which version is in force in place of the newest."""
    return Meanwhile(newest.number, (good_version(kept),))


def good_version(kept: RawEntry, what: str = "") -> LastGood:
    """A version that is in force, all of it or only what `what` names."""
    return LastGood(kept.number, kept.version // 1000, what)


def without(earlier: Earlier | None) -> Meanwhile:
    """Why no earlier version is in force where there might have been one."""
    if earlier is None:
        return NOTHING
    why = f"could not be read: {earlier.problem}" if earlier.problem else "are invalid too"
    return Meanwhile(effects=(f"its earlier versions {why}",))
