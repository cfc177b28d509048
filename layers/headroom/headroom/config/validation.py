"""The base of everything that operators write, and how pydantic's errors become sentences."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from headroom.config.types import EXPECTED
from headroom.config.wording import SURROGATE, kind_of, listed, named, near, shown, suggestion

_NUMBER = "expected a whole number from {0.low:,} to {0.high:,}, without quotes, found {0.value}"
_MAPPING = "expected a mapping of keys, found {0.kind}"
_CHOICE = "{0.value} is not known: {0.choice}"
_WORDS = {
    "bool_type": "expected true or false, without quotes{0.found}",
    "dict_type": _MAPPING,
    "enum": _CHOICE,
    "extra_forbidden": 'unknown key "{0.key}"{0.hint}',
    "greater_than_equal": _NUMBER,
    "int_type": _NUMBER,
    "invalid_key": "keys must be text: use quotes",
    "less_than_equal": _NUMBER,
    "literal_error": _CHOICE,
    "missing": "is missing",
    "model_attributes_type": _MAPPING,
    "model_type": _MAPPING,
    "string_pattern_mismatch": "expected {0.expected}{0.found}",
    "string_type": "expected text in quotes{0.example}{0.found}",
    "string_unicode": "expected valid Unicode{0.found}",
    "too_short": "is empty: write at least one",
    "union_tag_invalid": "type " + _CHOICE,
    "value_error": "{0.reason}",
}
"""What is said of each error; https://docs.pydantic.dev/latest/errors/validation_errors/"""
_EMPTY_WORDS = "nothing is written here: give a value, or leave the key out"
"""YAML makes a null of a key with nothing behind it: a slip, and never a choice."""
_NOT_EMPTY = frozenset({"extra_forbidden", "invalid_key", "model_type"})
_LATER_WORDS = '"{0.key}" is not supported yet'
LATER = "not_supported_yet"
"""The code of what DESIGN describes and a later version takes."""
_CHOICES = re.compile("'([^']*)'")
_KEY = 2
"""Steps before a key of a model inside: `rules`, `near-limit`."""
_HINTED = 10
"""Problems that may look for what was meant, which takes half a millisecond each."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with what an operator wrote. Never holds a secret."""

    where: str
    """From the outside in, dotted: `projects.support-line.rules.near-limit.warning`."""
    text: str
    """One sentence that names the value and the fix."""
    code: str = "invalid"
    """What sort of problem it is: pydantic's name for it, or one of ours."""
    subject: str = ""
    """What it is about: the key inside of the part that is read, or a name."""

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.where}: {self.text}"

    @property
    def inside(self) -> str:
        """The same for somebody who knows which part it is in."""
        return f"{self.subject}: {self.text}" if self.subject else self.text


class Written(BaseModel):
    """Something that an operator wrote: no key but the known ones, and nothing changes it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        defer_build=True,  # built with the first document, not at import
    )

    later: ClassVar[frozenset[str]] = frozenset()
    """Keys that DESIGN describes and a later version takes."""
    inner: ClassVar[dict[str, type[Written]]] = {}
    """Keys with a model inside, by names."""
    lenient: ClassVar[frozenset[str]] = frozenset()
    """Keys that cost themselves alone where they are invalid: their defaults stand in."""

    @classmethod
    def known_keys(cls) -> dict[str, FieldInfo]:
        """The known keys, as operators write them."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}


W = TypeVar("W", bound=Written)


@dataclass(frozen=True, slots=True)
class Partly(Generic[W]):
    """What can be used of something that an operator wrote."""

    model: W | None
    """What is left without the keys that are wrong; None where nothing usable is."""
    problems: list[Problem]
    left: Mapping[object, object] = field(default_factory=dict)
    """What `model` was made of."""
    lost: frozenset[tuple[str, ...]] = frozenset()
    """What was left out: keys (`limit`), names inside of one (`rules`, `near-limit`), and single
    keys of those (`rules`, `near-limit`, `runbook`)."""
    slight: list[Problem] = field(default_factory=list)
    """What is wrong beside `problems`, only with keys that are `lenient`."""

    @property
    def wrong(self) -> list[Problem]:
        """Everything that is wrong."""
        return [*self.problems, *self.slight]

    def keys(self, known: type[Written]) -> frozenset[str]:
        """The keys that were left out; in place of an unknown one, the one that was meant."""
        return meant((steps[0] for steps in self.lost if len(steps) == 1), known)

    def inside(self, key: str) -> frozenset[str]:
        """The names that were left out inside of one key."""
        return frozenset(steps[1] for steps in self.lost if steps[:-1] == (key,))


def meant(keys: Iterable[str], model: type[Written]) -> frozenset[str]:
    """These keys; in place of an unknown one, the known one that is nearest, '' where none is."""
    known = model.known_keys()
    return frozenset(key if key in known else near(key, known) for key in keys)


def together(where: str, problems: Sequence[Problem]) -> Problem:
    """All that is wrong with one part, in one sentence."""
    return replace(problems[0], where=where, text=listed([each.inside for each in problems]))


def read(model: type[W], content: object, where: str) -> tuple[W | None, list[Problem]]:
    """The model, or everything that is wrong with it; no sentence comes from pydantic itself."""
    partly = read_partly(model, content, where)
    return (None if partly.wrong else partly.model), partly.wrong


def read_partly(model: type[W], content: object, where: str) -> Partly[W]:
    """The model without what is wrong with it, and everything that is wrong.

    Without one key, another may be wrong: it is read until what is left is good.
    """
    problems: list[Problem] = []
    slight: list[Problem] = []
    lost: frozenset[tuple[str, ...]] = frozenset()
    while True:
        left = _without(content, lost) if isinstance(content, dict) else content
        try:
            made = model.model_validate(left)
            return Partly(made, problems, left if isinstance(left, dict) else {}, lost, slight)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if not isinstance(left, dict):
            return Partly(None, [problem_of(model, where, each) for each in details])
        found = frozenset(each for detail in details for each in _lost(model, detail["loc"], left))
        fresh = not any(_overlap(each, other) for each in found for other in lost)
        if fresh:
            for detail in details:
                one = problem_of(model, where, detail, hinted=len(problems) < _HINTED)
                (slight if _is_slight(model, detail["loc"]) else problems).append(one)
            lost |= found
        if not fresh or not found:  # without more of it, nothing would be better
            return Partly(None, problems, left, lost, slight)


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of the two places lies in the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _steps(place: Sequence[str | int]) -> tuple[str, ...]:
    return tuple(str(step) for step in place if step != "[key]")


def _lost(
    model: type[Written], place: Sequence[str | int], content: Mapping[object, object]
) -> Iterator[tuple[str, ...]]:
    """What has to be left out because of an error at this place."""
    steps = _steps(place)
    if not steps:  # pydantic names no place for a lone surrogate in a key
        yield from ((str(key),) for key in content if SURROGATE.search(str(key)))
        return
    yield steps[: 1 + (steps[0] in model.inner) + _is_slight(model, place)]


def _is_slight(model: type[Written], place: Sequence[str | int]) -> bool:
    """Whether an error at this place costs no more than one lenient key."""
    steps = _steps(place)
    return _is_inside(model, steps) and steps[_KEY] in model.inner[steps[0]].lenient


def _is_inside(model: type[Written], steps: Sequence[str]) -> bool:
    """Whether this place is a key of a model inside, such as `rules`, `near-limit`, `remind`."""
    return len(steps) > _KEY and steps[0] in model.inner


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


def problem_of(
    model: type[Written], where: str, detail: ErrorDetails, *, hinted: bool = True
) -> Problem:
    """What one of pydantic's errors says to the operator."""
    steps, code = _steps(detail["loc"]), detail["type"]
    owner = model.inner[steps[0]] if _is_inside(model, steps) else model
    error = _Error(detail, owner, steps[-1] if steps else "", hinted)
    empty = detail["input"] is None and code not in _NOT_EMPTY
    words = _EMPTY_WORDS if empty else _WORDS.get(code, f"is not usable ({code})")
    if code == "extra_forbidden":
        steps = steps[:-1]
        if error.name in owner.later:
            words, code = _LATER_WORDS, LATER
    place = [named(step) for step in steps]
    return Problem(".".join([where, *place]), words.format(error), code, ".".join(place))


@dataclass(frozen=True, slots=True)
class _Error:
    """What `_WORDS` may speak of."""

    detail: ErrorDetails
    owner: type[Written]
    name: str
    hinted: bool

    @property
    def field(self) -> FieldInfo | None:
        return self.owner.known_keys().get(self.name)

    @property
    def key(self) -> str:
        return named(self.name)

    @property
    def hint(self) -> str:
        return f": {suggestion(self.name, self.owner.known_keys())}" if self.hinted else ""

    @property
    def written(self) -> object:
        """The value; of a channel whose type is not known, that type."""
        written: object = self.detail["input"]
        if self.detail["type"] == "union_tag_invalid" and isinstance(written, dict):
            return written.get("type")
        return written

    @property
    def value(self) -> str:
        return shown(self.written)

    @property
    def kind(self) -> str:
        return kind_of(self.written)

    @property
    def found(self) -> str:
        secret = self.field is not None and self.field.annotation is SecretStr
        return "" if secret else f", found {self.value}"

    @property
    def example(self) -> str:
        return f', such as "{self.field.examples[0]}"' if self.field and self.field.examples else ""

    @property
    def expected(self) -> str:
        return EXPECTED[self.detail["ctx"]["pattern"]]

    @property
    def choice(self) -> str:
        """Pydantic lists what it expects as `'a', 'b' or 'c'`."""
        context = self.detail["ctx"]
        listed = context.get("expected") or context["expected_tags"]
        return suggestion(str(self.written), _CHOICES.findall(listed))

    @property
    def low(self) -> int:
        return self._bound("ge")

    @property
    def high(self) -> int:
        return self._bound("le")

    def _bound(self, name: str) -> int:
        known = self.field.metadata if self.field else ()
        return next(int(getattr(each, name)) for each in known if hasattr(each, name))

    @property
    def reason(self) -> str:
        return str(self.detail["ctx"]["error"])
