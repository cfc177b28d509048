"""From the parameters under the prefix to the document: each is known by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from headroom.config.earlier import in_force, newest_good, wanted, without
from headroom.config.parameter_store import Stored
from headroom.config.pasted import pasted
from headroom.config.raw import Document, Earlier, Part, json_part, key_problem

PLAIN = "store it as a SecureString"
"""What to do with a secret that everybody may read."""


def document(
    parameters: Sequence[Stored], earlier: Mapping[str, Earlier] | None = None
) -> Document:
    """Sort the parameters by what they are; what means nothing is `ignored`, and named.

    `earlier`: what is known of invalid parameters' earlier versions.
    """
    sections: dict[str, dict[str, Part]] = {"projects": {}, "channels": {}, "keys": {}}
    singles = {"defaults": Part({})}
    ignored = []
    for parameter in parameters:
        section, _, name = parameter.name.partition("/")
        if parameter.name in ("defaults", "heartbeat"):
            singles[parameter.name] = part_of(parameter)
        elif name and section in sections and ("/" not in name or section == "projects"):
            sections[section][name] = part_of(parameter)
        else:
            ignored.append(parameter.name)
    known = earlier or {}
    keys = _Keys()
    for name, part in sections["keys"].items():
        keys.add(name, part, known.get(f"keys/{name}"))
    return Document(
        defaults=singles["defaults"],
        projects=sections["projects"],
        channels=sections["channels"],
        keys=keys.good,
        bad_keys=keys.bad,
        kept_keys=keys.kept,
        heartbeat=singles.get("heartbeat"),
        ignored=tuple(ignored),
        earlier=known,
        wants=keys.wants,
    )


def part_of(parameter: Stored) -> Part:
    """One version of a parameter, not yet checked; a key's content is its text."""
    version, number = parameter.version, parameter.number
    if parameter.name.startswith("keys/"):
        problem = stored_key_problem(parameter)
        content = None if problem else pasted(parameter.value)
        return Part(content, problem, version, number)
    secret = parameter.name.startswith("channels/") or parameter.name == "heartbeat"
    if problem := parameter.problem or (PLAIN if secret and not parameter.secure else ""):
        return Part(problem=problem, version=version, number=number)
    return json_part(parameter.value, version, number)


def stored_key_problem(key: Stored) -> str:
    """Why this parameter cannot be used as an API key; '' when it can."""
    if not key.secure:
        return PLAIN
    return key.problem or key_problem(key.value)


@dataclass(slots=True)
class _Keys:
    """The API keys, good and bad."""

    good: dict[str, SecretStr] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    wants: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, part: Part, earlier: Earlier | None) -> None:
        """Sort in one; an earlier version may be good."""
        if not part.problem:
            self.good[name] = SecretStr(str(part.content))
            return
        if wanted(part, earlier):
            self.wants[f"keys/{name}"] = part.version
        found = newest_good(earlier, lambda old: str(old.content))
        if found:
            self.good[name] = SecretStr(found[0])
            self.kept[name] = in_force(part.problem, part, found[1])
        else:
            self.bad[name] = without(part.problem, earlier)
