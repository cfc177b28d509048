"""Numbers that YAML 1.1 reads otherwise than people do: `0120` is 80, `1:30` is 90, `1_000` 1000.

The rules are those of https://yaml.org/type/int.html and https://yaml.org/type/float.html. Most
people who write such a number mean text (an account id, a time) or the number in base ten, so that
reading it either way would be a guess.
"""

from __future__ import annotations

import re

import yaml

from headroom.config.raw import SHORTEST_KEY

_INT, _FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
TAGS = (_INT, _FLOAT)

_PLAIN = re.compile(
    r"[-+]?(?:0|[1-9][0-9]*)"
    r"|[-+]?(?:(?:0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"  # refused later, by the name of the field
)
"""Base ten, as in JSON, and what is no number in any base."""

_BASES = (
    (re.compile(r"[-+]?0[bB]"), "binary"),
    (re.compile(r"[-+]?0[xX]"), "hexadecimal"),
    (re.compile(r".*:"), "base 60"),
    (re.compile(r"[-+]?0[0-7_]+$"), "octal"),
)


def problem(node: yaml.ScalarNode, value: object) -> str:
    """Why this number is refused, and what to write instead; '' when it is written in base ten.

    `value` is what PyYAML reads. A number that is long enough to be an API key is not repeated.
    """
    if node.tag not in TAGS or _PLAIN.fullmatch(node.value):
        return ""
    base = next((name for pattern, name in _BASES if pattern.match(node.value)), "")
    if len(node.value) >= SHORTEST_KEY:
        reads = f" in {base}" if base else " in its own way"
        return f"YAML reads this number{reads}: write it in base ten, or put text in quotes"
    meant = int(node.value.replace("_", "")) if base == "octal" else value
    told = f"YAML reads {node.value} as {f'{base}, which is {value}' if base else value}"
    return f'{told}: write {meant}, or "{node.value}" in quotes if it is text'
