"""A notice from the JSON of the dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from headroom.domain.notices import VERSION, Notice
from headroom.domain.windows import instant

_INSTANTS = ("since", "at", "value_at")


def read_notice(tree: Mapping[str, Any]) -> Notice:
    """The inverse of `Notice.as_json`. Raises ValueError, which names the field.

    What follows from other fields, and what only a newer Headroom knows, is ignored; a field that
    is missing has its default.
    """
    if tree.get("version") != VERSION:
        raise ValueError(f"version: expected {VERSION}, found {tree.get('version')!r:.40}")
    text = json.dumps(_timed(tree), ensure_ascii=False)
    try:
        return _notices().validate_json(text.encode(errors="replace"), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}") from None


@cache
def _notices() -> TypeAdapter[Notice]:
    return TypeAdapter(Notice)


def _timed(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The same with instants in place of their text."""
    made: dict[str, object] = {
        name: _instant(name, value) for name, value in tree.items() if name in _INSTANTS
    }
    if isinstance(readings := tree.get("readings"), list):
        made["readings"] = [_within(each, "time", "readings") for each in readings]
    if "details" in tree:
        made["details"] = details = _within(tree["details"], "until", "details")
        if isinstance(details, dict) and "text" in details:
            made["reason"] = details["text"]
    return {**tree, **made}


def _within(value: object, name: str, place: str) -> object:
    if isinstance(value, dict) and name in value:
        return {**value, name: _instant(f"{place}.{name}", value[name])}
    return value


def _instant(place: str, value: object) -> int | None:
    if value is None:
        return None
    try:
        return instant(str(value))
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
