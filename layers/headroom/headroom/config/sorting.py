"""From the parameters under the prefix to the document: each is known by its name."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from headroom.config.document import Document, Part, json_part, key_problem
from headroom.config.listing import Stored

PLAIN = "store it as a SecureString"
"""What to do with a secret that everybody may read."""


def document(parameters: Sequence[Stored]) -> Document:
    """Sort the parameters by what they are; what means nothing is `ignored`, and named."""
    sections: dict[str, dict[str, Stored]] = {"projects": {}, "channels": {}, "keys": {}}
    defaults = Part({})
    heartbeat = None
    ignored = []
    for parameter in parameters:
        section, _, name = parameter.name.partition("/")
        if parameter.name == "defaults":
            defaults = json_part(parameter.value, parameter.version)
        elif parameter.name == "heartbeat":
            heartbeat = _secret_part(parameter)
        elif name and section in sections and ("/" not in name or section == "projects"):
            sections[section][name] = parameter
        else:
            ignored.append(parameter.name)
    problems = {name: stored_key_problem(key) for name, key in sections["keys"].items()}
    return Document(
        defaults=defaults,
        projects={name: json_part(p.value, p.version) for name, p in sections["projects"].items()},
        channels={name: _secret_part(p) for name, p in sections["channels"].items()},
        keys={
            name: SecretStr(key.value)
            for name, key in sections["keys"].items()
            if not problems[name]
        },
        bad_keys={name: problem for name, problem in problems.items() if problem},
        heartbeat=heartbeat,
        ignored=tuple(ignored),
    )


def stored_key_problem(key: Stored) -> str:
    """Why this parameter cannot be used as an API key; '' when it can."""
    return key_problem(key.value) if key.secure else PLAIN


def _secret_part(parameter: Stored) -> Part:
    if not parameter.secure:
        return Part(problem=PLAIN, version=parameter.version)
    return json_part(parameter.value, parameter.version)
