"""`per` and the filters of a rule: which queries it asks, and which of their series it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Annotated

from headroom.config.types import E164, EXPECTED, LANGUAGE, parser, text
from headroom.config.wording import kind_of, named, shown, suggestion
from headroom.domain.readings import Query
from headroom.domain.rules import Watch

MOST = 50
"""Values in one `per` list: each is a request of its own every minute."""

_LISTS = {"language": (LANGUAGE, "es-ES"), "phone_number": (E164, "+447700900123")}
"""What may be listed: its pattern, and an example."""


@dataclass(frozen=True, slots=True)
class Split:
    """By what one rule becomes several alerts; no `values` for variants: the answer has them."""

    by: str
    values: tuple[str, ...] = ()


def split(value: object) -> Split:
    """Parse `variant`, `{language: [...]}` or `{phone_number: [...]}`."""
    if value == "variant":
        return Split("variant")
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(
            "expected variant, {language: [es-ES, ...]} or {phone_number: [...]}, "
            f"found {shown(value) if isinstance(value, str) else kind_of(value)}"
        )
    by, values = next(iter(value.items()))
    if by == "variant":
        raise ValueError("variants are not listed: write per: variant")
    if by not in _LISTS:
        raise ValueError(f'unknown key "{named(str(by))}": {suggestion(str(by), _LISTS)}')
    return Split(by, _values(by, values))


def _values(by: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not 1 <= len(values) <= MOST:
        raise ValueError(f"expected a list of 1 to {MOST} values of {by}")
    checked = tuple(_value(*_LISTS[by], value) for value in values)
    for value in checked:
        if checked.count(value) > 1:
            raise ValueError(f"{named(value)} is listed twice")
    return checked


def _value(pattern: str, example: str, value: object) -> str:
    written = text(value, example)
    if re.fullmatch(pattern, written):
        return written
    raise ValueError(f"expected {EXPECTED[pattern]}, found {shown(written)}")


def watches(query: Query, per: Split | None) -> tuple[Watch, ...]:
    """The queries of a rule. Raises ValueError for two filters that exclude each other."""
    if query.variant_id and query.variant_name:
        raise ValueError("variant_id and variant_name exclude each other: keep one")
    if per is None:
        return (Watch(query),)
    if per.by == "variant":
        if query.variant_id or query.variant_name:
            raise ValueError("per: variant and a filter for one variant exclude each other")
        return (Watch(replace(query, slice_by="variant"), series=None),)
    if getattr(query, per.by):
        raise ValueError(f"per: {per.by} and a filter for one {per.by} exclude each other")
    return tuple(Watch(replace(query, **{per.by: value}), value, value) for value in per.values)


def _only(key: str, pattern: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {
            key: {
                "type": "array",
                "items": {"type": "string", "pattern": pattern},
                "minItems": 1,
                "maxItems": MOST,
                "uniqueItems": True,
            }
        },
        "required": [key],
        "additionalProperties": False,
    }


_SCHEMAS = [_only(key, pattern) for key, (pattern, _) in _LISTS.items()]
Per = Annotated[Split | None, *parser(split, anyOf=[{"const": "variant"}, *_SCHEMAS])]
