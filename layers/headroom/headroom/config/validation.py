"""The base of everything that operators write, and how pydantic's errors become sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from headroom.config.types import EXPECTED
from headroom.config.wording import SURROGATE, kind_of, listed, named, near, shown, suggestion
from headroom.domain.last_good import NOTHING, Meanwhile

_NUMBER = "expected a whole number from {ge:,} to {le:,}, without quotes{found}"
_MAPPING = "expected a mapping of keys, found {kind}"
_CHOICE = "{value} is not known: {meant}"
_WORDS = {
    "bool_type": "expected true or false, without quotes{found}",
    "dict_type": _MAPPING,
    "enum": _CHOICE,
    "extra_forbidden": 'unknown key "{key}"{meant}',
    "greater_than_equal": _NUMBER,
    "int_type": _NUMBER,
    "invalid_key": "keys must be text: use quotes",
    "less_than_equal": _NUMBER,
    "list_type": "expected a list{listed}, found {kind}",
    "literal_error": _CHOICE,
    "missing": "is missing",
    "model_attributes_type": _MAPPING,
    "model_type": _MAPPING,
    "not_supported_yet": '"{key}" is not supported yet{waits}',
    "null": "nothing is written here: give a value, or leave the key out",
    "string_pattern_mismatch": "expected {expected}{found}",
    "string_type": "expected text in quotes{example}{found}",
    "string_unicode": "expected valid Unicode{found}",
    "too_short": "is empty: write at least one",
    "union_tag_invalid": "type " + _CHOICE,
    "value_error": "{error}",
}
"""What is said of each error; https://docs.pydantic.dev/latest/errors/validation_errors/"""
LATER = "not_supported_yet"
"""The code of what DESIGN describes and a later version takes."""
_OF_NO_VALUE = frozenset({"extra_forbidden", "invalid_key", "model_attributes_type", "model_type"})
"""Errors that are no better explained by the null that YAML makes of a key with nothing behind."""
_CHOICES = frozenset({"enum", "literal_error", "union_tag_invalid"})
"""Errors of a value that is none of a few words."""
_QUOTED = re.compile("'([^']*)'")
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
    """What it is about: a key of the part that is read, or a name."""
    inner: str = ""
    """The place inside `where` that `text` is about first, if it is about several."""
    meanwhile: Meanwhile = NOTHING

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.where}: {self.told}"

    @property
    def told(self) -> str:
        """The same for somebody who knows where it is."""
        text = f"{self.inner}: {self.text}" if self.inner else self.text
        return f"{text}{self.meanwhile.told()}"


class Written(BaseModel):
    """Something that an operator wrote: no key but the known ones, and nothing changes it."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        defer_build=True,  # built with the first document, not at import
    )

    later: ClassVar[Mapping[str, str]] = {}
    """Keys that DESIGN describes and a later version takes, and what they wait for."""
    elsewhere: ClassVar[Mapping[str, str]] = {}
    """Known keys of other parts, and where they belong."""

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
    lost: frozenset[str] = frozenset()
    """Keys that were left out."""


def read(model: type[W], content: object, where: str) -> tuple[W | None, list[Problem]]:
    """The model, or everything that is wrong with it; no sentence comes from pydantic itself."""
    partly = read_partly(model, content, where)
    return (None if partly.problems else partly.model), partly.problems


def read_partly(model: type[W], content: object, where: str) -> Partly[W]:
    """Drop invalid keys and validate again until the rest is valid."""
    problems: list[Problem] = []
    lost: frozenset[str] = frozenset()
    while True:
        left = content
        if isinstance(content, dict):
            left = {key: value for key, value in content.items() if str(key) not in lost}
        try:
            made = model.model_validate(left)
            return Partly(made, problems, left if isinstance(left, dict) else {}, lost)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if not isinstance(left, dict):
            return Partly(None, [problem_of(model, where, each) for each in details])
        found = _keys(details, left)
        if not found or found & lost:  # without more of it, nothing would be better
            return Partly(None, problems, left, lost)
        for detail in details:
            hinted = len(problems) < _HINTED
            problems.append(problem_of(model, where, detail, hinted=hinted))
        lost |= found


def _keys(details: Sequence[ErrorDetails], content: Mapping[object, object]) -> frozenset[str]:
    """The keys that are wrong; pydantic names none for one with a lone surrogate in it."""
    named = {str(detail["loc"][0]) for detail in details if detail["loc"]}
    return frozenset(named or (str(key) for key in content if SURROGATE.search(str(key))))


def meant(keys: Iterable[str], model: type[Written]) -> frozenset[str]:
    """These keys; in place of an unknown one, the known one that is nearest, '' where none is."""
    known = model.known_keys()
    return frozenset(key if key in known else near(key, known) for key in keys)


def together(where: str, problems: Sequence[Problem]) -> Problem:
    """All that is wrong with one part, in one sentence."""
    first = problems[0]
    others = [
        f"{each.subject}: {each.text}" if each.subject else each.text for each in problems[1:]
    ]
    return replace(first, where=where, text=listed([first.text, *others]), inner=first.subject)


def problem_of(
    model: type[Written], where: str, detail: ErrorDetails, *, hinted: bool = True
) -> Problem:
    """What one of pydantic's errors says to the operator."""
    steps, code = [str(step) for step in detail["loc"]], detail["type"]
    key = steps[-1] if steps else ""
    if code == "extra_forbidden":
        steps, code = steps[:-1], LATER if key in model.later else code
    elif detail["input"] is None and code not in _OF_NO_VALUE:
        code = "null"
    elif code in _CHOICES and not isinstance(detail["input"], str):
        code = "string_type"
    words = _WORDS.get(code, f"is not usable ({code})")
    place = [named(step) for step in steps]
    values = _values(model.known_keys(), key, detail, hinted=hinted)
    values["waits"] = f": {model.later[key]}" if model.later.get(key) else ""
    if code == "extra_forbidden" and key in model.elsewhere:
        values["meant"] = f": it belongs {model.elsewhere[key]}"
    text = words.format_map(values)
    return Problem(".".join([where, *place]), text, code, ".".join(place))


def _values(
    known: Mapping[str, FieldInfo], key: str, detail: ErrorDetails, *, hinted: bool
) -> dict[str, object]:
    """What `_WORDS` may speak of."""
    value, context, at = detail["input"], detail.get("ctx", {}), known.get(key)
    choice = _QUOTED.findall(context.get("expected", context.get("expected_tags", "")))
    examples = at.examples if at and at.examples else choice
    meant = suggestion(str(value), choice) if choice else ""
    if detail["type"] == "extra_forbidden":
        meant = f": {suggestion(key, known)}" if hinted else ""
    return {
        "error": context.get("error"),
        "example": f', such as "{examples[0]}"' if examples else "",
        "expected": EXPECTED.get(context.get("pattern", "")),
        "found": "" if at and at.annotation is SecretStr else f", found {shown(value)}",
        "key": named(key),
        "kind": kind_of(value),
        "listed": f" such as [{examples[0]}]" if examples else "",
        "meant": meant,
        "value": shown(value),
        **{
            name: getattr(bound, name)
            for bound in (at.metadata if at else ())
            for name in ("ge", "le")
            if hasattr(bound, name)
        },
    }
