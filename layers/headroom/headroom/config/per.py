"""`per` and the filters of a rule: which queries it asks, and which of their series it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from headroom.config.types import E164, LANGUAGE, Check, kind, matching
from headroom.config.wording import kind_of, named, shown, suggestion
from headroom.domain.readings import Query
from headroom.domain.rules import Watch

MOST = 50
"""Values in one `per` list: each is a request of its own every minute."""

_LISTS: Mapping[str, Check[str]] = {
    "language": matching(LANGUAGE, "es-ES", "a language tag"),
    "phone_number": matching(E164, "+447700900123", "a phone number in E.164 form, in quotes"),
}


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
    checked = tuple(_LISTS[by](value) for value in values)
    for value in checked:
        if checked.count(value) > 1:
            raise ValueError(f"{named(value)} is listed twice")
    return checked


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


def _listing(pattern: str) -> dict[str, object]:
    items = {"type": "string", "pattern": f"^{pattern}$"}
    return {
        "type": "array",
        "items": items,
        "minItems": 1,
        "maxItems": MOST,
        "uniqueItems": True,
    }


def _only(key: str, pattern: str) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {key: _listing(pattern)},
        "required": [key],
        "additionalProperties": False,
    }


Per = Annotated[
    Split,
    *kind(
        split,
        anyOf=[
            {"const": "variant"},
            _only("language", LANGUAGE),
            _only("phone_number", E164),
        ],
    ),
]
