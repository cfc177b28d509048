"""DynamoDB's expressions, as far as Headroom uses them: anything else is an error, not a guess.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Item = Mapping[str, Any]
Path = Sequence[str]

_PATH = r"[#\w]+(?:\.[#\w]+)*"
_ABSENT = re.compile(rf"attribute_not_exists\(({_PATH})\)")
_COMPARED = re.compile(rf"({_PATH}) (=|<=) (:\w+)")
_UPDATE = re.compile(rf"SET (.+?)(?: REMOVE ({_PATH}))?")
_RAISED = re.compile(r"(\w+) = \1 \+ (:\w+)")
_ASSIGNED = re.compile(rf"({_PATH}) = (:\w+)")


class Unknown(Exception):
    """An expression that the adapter did not use when this was written: add its form here."""


class Invalid(Exception):
    """DynamoDB would answer ValidationException."""


class Expressions:
    """The expressions of one request, with its names and values."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._names: Mapping[str, str] = request.get("ExpressionAttributeNames", {})
        self._values: Mapping[str, Item] = request.get("ExpressionAttributeValues", {})
        self._used: set[str] = set()

    def finish(self) -> None:
        """Refuse names and values that nothing used, as DynamoDB does."""
        if unused := {*self._names, *self._values} - self._used:
            raise Invalid(f"unused in expressions: {sorted(unused)}")

    def holds(self, condition: str, item: Item | None) -> bool:
        """Whether the condition holds; every clause is evaluated."""
        held = [self._clause(clause, item or {}) for clause in condition.split(" AND ")]
        return all(held)

    def _clause(self, clause: str, item: Item) -> bool:
        if absent := _ABSENT.fullmatch(clause):
            return find(item, self._path(absent[1])) is None
        if compared := _COMPARED.fullmatch(clause):
            found = find(item, self._path(compared[1]))
            return _compare(found, compared[2], self._value(compared[3]))
        raise Unknown(clause)

    def update(self, expression: str, item: Item) -> Item:
        """Give the item as it is afterwards; every value is worked out before anything changes."""
        parsed = _UPDATE.fullmatch(expression)
        if parsed is None:
            raise Unknown(expression)
        changes = [self._assignment(each, item) for each in parsed[1].split(", ")]
        for path, value in changes:
            item = put(item, path, value)
        return put(item, self._path(parsed[2]), None) if parsed[2] else item

    def _assignment(self, text: str, item: Item) -> tuple[Path, Item]:
        if raised := _RAISED.fullmatch(text):
            found = find(item, [raised[1]])
            if found is None:
                raise Invalid(f"there is no {raised[1]} to add to")
            return [raised[1]], {"N": str(int(found["N"]) + int(self._value(raised[2])["N"]))}
        if assigned := _ASSIGNED.fullmatch(text):
            return self._path(assigned[1]), self._value(assigned[2])
        raise Unknown(text)

    def _path(self, text: str) -> Path:
        return [self._name(part) for part in text.split(".")]

    def _name(self, part: str) -> str:
        if not part.startswith("#"):
            return part
        self._used.add(part)
        return self._names[part]

    def _value(self, name: str) -> Item:
        self._used.add(name)
        return self._values[name]


def find(item: Item, path: Path) -> Item | None:
    """The attribute at a document path; None when any part is not there."""
    found: Item | None = item.get(path[0])
    for part in path[1:]:
        found = (found or {}).get("M", {}).get(part)
    return found


def put(item: Item, path: Path, value: Item | None) -> Item:
    """The item with one attribute replaced, or removed (None): parts on the way are not made."""
    if len(path) == 1:
        others = {name: each for name, each in item.items() if name != path[0]}
        return others if value is None else {**others, path[0]: value}
    inner = item.get(path[0], {}).get("M")
    if inner is None:
        raise Invalid("the document path provided in the update expression is invalid for update")
    return {**item, path[0]: {"M": put(inner, path[1:], value)}}


def _compare(found: Item | None, operator: str, wanted: Item) -> bool:
    if found is None or found.keys() != wanted.keys():
        return False
    ((kind, left),) = found.items()
    right = wanted[kind]
    if kind == "N":
        left, right = int(left), int(right)
    return bool(left == right if operator == "=" else left <= right)
