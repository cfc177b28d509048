"""Where notices go, as operators write it: one list of channels, or a list for each severity."""

from __future__ import annotations

from typing import Annotated

from headroom.config.types import parser, text
from headroom.config.wording import kind_of, named, suggestion
from headroom.domain.rules import DEFAULT_CHANNEL, Routing, Severity

NOBODY: Routing = dict.fromkeys(Severity, (DEFAULT_CHANNEL,))
"""Where notices go unless given: to the built-in channel."""

_SEVERITIES = [severity.value for severity in Severity]


def routes(value: object) -> Routing:
    """The channels of each severity; a severity that is left out goes to `default`."""
    if not isinstance(value, dict):
        return dict.fromkeys(Severity, _names(value))
    for key in value:
        if key not in _SEVERITIES:
            hint = suggestion(str(key), _SEVERITIES)
            raise ValueError(f'unknown severity "{named(str(key))}": {hint}')
    if not value:
        raise ValueError("the mapping is empty: name channels for warning, critical or both")
    return {**NOBODY, **{Severity(key): _names(names) for key, names in value.items()}}


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list of channels such as [ops-slack], found {kind_of(value)}")  # noqa: TRY004 -- pydantic turns only ValueErrors into its own
    if not value:
        raise ValueError("the list of channels is empty: name one, or leave the key out")
    return tuple(dict.fromkeys(text(name, "ops-slack") for name in value))


_LIST = {"type": "array", "items": {"type": "string"}, "minItems": 1}

Routes = Annotated[
    Routing | None,
    *parser(
        routes,
        anyOf=[
            _LIST,
            {
                "type": "object",
                "properties": dict.fromkeys(_SEVERITIES, _LIST),
                "additionalProperties": False,
                "minProperties": 1,
            },
        ],
    ),
]
