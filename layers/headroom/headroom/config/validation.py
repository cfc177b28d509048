"""The base of everything that operators write, and how its errors become sentences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic_core import ErrorDetails

from headroom.config.wording import HALF, kind_of, named, near, suggestion
from headroom.errors import ConfigError

_WRONG_TYPES = {
    "model_type": "expected a mapping of keys",
    "dict_type": "expected a mapping of keys",
    "invalid_key": "keys must be text: use quotes",
    "too_short": "is empty: write at least one",
}
"""Sentences for pydantic's own complaints; https://docs.pydantic.dev/latest/errors/"""


class Written(BaseModel):
    """Something that an operator wrote: no key but the known ones, and nothing changes it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,  # built with the first document, not at import
    )

    later: ClassVar[frozenset[str]] = frozenset()
    """Keys that DESIGN describes and a later version takes."""
    inner: ClassVar[dict[str, tuple[int, type[Written]]]] = {}
    """Keys with a model inside, and how many names lie between."""
    lenient: ClassVar[frozenset[str]] = frozenset()
    """Keys that cost themselves alone where they are invalid: their defaults stand in."""

    @field_validator("*", mode="before")
    @classmethod
    def _not_empty(cls, value: object) -> object:
        """YAML makes a null of a key with nothing behind it: a slip, and never a choice."""
        if value is None:
            raise ValueError("nothing is written here: give a value, or leave the key out")
        return value

    @classmethod
    def known_keys(cls) -> list[str]:
        """The known keys, as operators write them."""
        return [field.alias or name for name, field in cls.model_fields.items()]


W = TypeVar("W", bound=Written)

_HINTED = 10
"""Problems that may look for what was meant, which takes half a millisecond each."""


@dataclass(frozen=True, slots=True)
class Partly(Generic[W]):
    """What can be used of something that an operator wrote."""

    model: W | None
    """What is left without the keys that are wrong; None where nothing usable is."""
    problems: list[ConfigError]
    lost: frozenset[tuple[str, ...]] = frozenset()
    """What was left out: keys (`limit`), names inside of one (`rules`, `near-limit`), and single
    keys of those (`rules`, `near-limit`, `runbook`)."""
    slight: list[ConfigError] = field(default_factory=list)
    """What is wrong beside `problems`, only with keys that are `lenient`."""

    @property
    def wrong(self) -> list[ConfigError]:
        """Everything that is wrong."""
        return [*self.problems, *self.slight]

    def keys(self, known: Iterable[str]) -> frozenset[str]:
        """The keys that were left out; in place of an unknown one, the one that was meant."""
        names = list(known)
        whole = (steps[0] for steps in self.lost if len(steps) == 1)
        return frozenset(key if key in names else near(key, names) for key in whole)

    def inside(self, key: str) -> frozenset[str]:
        """The names that were left out inside of one key."""
        return frozenset(steps[1] for steps in self.lost if steps[:-1] == (key,))


def read(model: type[W], content: object, where: str) -> tuple[W | None, list[ConfigError]]:
    """The model, or everything that is wrong with it; no sentence comes from pydantic itself."""
    partly = read_partly(model, content, where)
    return (None if partly.wrong else partly.model), partly.wrong


def read_partly(model: type[W], content: object, where: str) -> Partly[W]:
    """The model without what is wrong with it, and everything that is wrong.

    Without one key, another may be wrong: it is read until what is left is good.
    """
    problems: list[ConfigError] = []
    slight: list[ConfigError] = []
    lost: frozenset[tuple[str, ...]] = frozenset()
    while True:
        left = _without(content, lost) if isinstance(content, dict) else content
        try:
            return Partly(model.model_validate(left), problems, lost, slight)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        if not isinstance(left, dict):
            problem = f"expected a mapping of keys, found {kind_of(left)}"
            return Partly(None, [ConfigError(where, problem)])
        found = frozenset(each for detail in details for each in _lost(model, detail["loc"], left))
        fresh = not any(_inside(each, other) for each in found for other in lost)
        if fresh:
            for detail in details:
                hinted = len(problems) < _HINTED
                sentence = _sentence(model, where, detail, hinted=hinted)
                (slight if _is_slight(model, detail["loc"]) else problems).append(sentence)
            lost |= found
        if not fresh or not found:  # without more of it, nothing would be better
            return Partly(None, problems, lost, slight)


def _inside(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of the two places lies in the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _lost(
    model: type[Written], place: Sequence[str | int], content: Mapping[object, object]
) -> Iterator[tuple[str, ...]]:
    """What has to be left out because of an error at this place."""
    steps = tuple(str(step) for step in place if step != "[key]")
    if not steps:  # pydantic names no place for half a character in a key
        yield from ((str(key),) for key in content if HALF.search(str(key)))
        return
    names, _ = model.inner.get(steps[0], (0, model))
    yield steps[: 1 + names + _is_slight(model, place)]


def _is_slight(model: type[Written], place: Sequence[str | int]) -> bool:
    """Whether an error at this place costs no more than one lenient key."""
    names, inside = model.inner.get(str(place[0]), (0, model)) if place else (0, model)
    return len(place) > 1 + names and str(place[1 + names]) in inside.lenient


def _without(
    content: dict[object, object],
    lost: Collection[tuple[str, ...]],
    above: tuple[str, ...] = (),
) -> dict[object, object]:
    left = {key: value for key, value in content.items() if (*above, str(key)) not in lost}
    deeper = {steps[: len(above) + 1] for steps in lost if len(steps) > len(above) + 1}
    for key, value in left.items():
        place = (*above, str(key))
        if isinstance(value, dict) and place in deeper:
            left[key] = _without(value, lost, place)
    return left


def _sentence(
    model: type[Written], where: str, detail: ErrorDetails, *, hinted: bool
) -> ConfigError:
    steps, sort = [step for step in detail["loc"] if step != "[key]"], detail["type"]
    if sort == "extra_forbidden":
        return ConfigError(_dotted(where, steps[:-1]), _unknown(model, steps, hinted=hinted))
    if sort == "missing":
        return ConfigError(_dotted(where, steps), "is missing")
    if sort == "value_error":
        return ConfigError(_dotted(where, steps), str(detail["ctx"]["error"]))
    return ConfigError(_dotted(where, steps), _wrong_type(sort))


def _unknown(model: type[Written], steps: Sequence[str | int], *, hinted: bool) -> str:
    key, parent = str(steps[-1]), _model_at(model, steps[:-1])
    if key in parent.later:
        return f'"{key}" is not supported yet'
    hint = f": {suggestion(key, parent.known_keys())}" if hinted else ""
    return f'unknown key "{named(key)}"{hint}'


def _model_at(model: type[Written], steps: Sequence[str | int]) -> type[Written]:
    if not steps or str(steps[0]) not in model.inner:
        return model
    names, inside = model.inner[str(steps[0])]
    return _model_at(inside, steps[1 + names :])


def _wrong_type(sort: str) -> str:
    return _WRONG_TYPES.get(sort, f"is not usable ({sort})")


def _dotted(where: str, steps: Sequence[str | int]) -> str:
    return ".".join([where, *(named(str(step)) for step in steps)])
