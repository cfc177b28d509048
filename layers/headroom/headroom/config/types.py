"""Values that operators write: pydantic's own constraints, and parsers for what has a grammar.

A parser takes what JSON or YAML gave, whatever its type, and returns the value or raises
ValueError with the sentence that the operator reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from headroom.config.pasted import pasted
from headroom.config.wording import SURROGATE, duration, shown
from headroom.domain import conditions
from headroom.domain.links import LONGEST_LINK
from headroom.domain.regions import REGIONS
from headroom.domain.rules import Missing
from headroom.net.urls import link

T = TypeVar("T")
Parser = Callable[[object], T]

NAME = r"^[A-Za-z0-9._-]{1,64}$"
"""Of projects, channels, keys and rules: what one part of an SSM path may hold."""
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
E164 = r"^\+[1-9][0-9]{6,14}$"
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_LABEL = r"^[^\x00-\x1f\x7f]{1,200}$"
_SENTENCE = r"^[^\x00-\x1f\x7f]{1,500}$"
EXPECTED = {
    NAME: "a name of at most 64 letters, digits, dots, - and _, such as ops-slack",
    LANGUAGE: "a language tag, such as es-ES",
    E164: "a phone number with + and country code (E.164), such as +447700900123",
    _ID: "an id as in Agent Studio's address, without slashes, such as acme-uk",
    _LABEL: "one line, at most 200 characters, such as summer",
    _SENTENCE: "one line, at most 500 characters, such as Ring the carrier",
}
"""What each pattern means to people."""

_NUMBER = r"[0-9]{1,6}(\.[0-9]{1,3})?"
_DURATION = r"[0-9]{1,6}\s*[smhd]"
MOST_CALLS = 10**6
_BARE = re.compile(r"([0-9]{1,3})(?: *windows?)?")
_RATIO = re.compile(r"([0-9]{1,2}) *(?:of|out of|in|/|:) *([0-9]{1,2})(?: *windows)?")
_HOURS = re.compile(r"([0-9](?:\.[0-9])?) *h(?: *([0-9]{1,2}) *m)?")
_MONTH = 30 * 86400
REMIND = 300
"""Seconds between reminders, at least: one window, so that no two fall into the same one."""


def is_name(text: str) -> bool:
    """Whether a project, channel, key or rule may be called this."""
    return re.fullmatch(NAME, text) is not None


def text(value: object, example: str) -> str:
    """Any text; YAML makes numbers and booleans of words that are not in quotes."""
    if isinstance(value, str):
        if SURROGATE.search(value):  # which no address can hold, and no stored document
            raise ValueError(f"expected valid Unicode, found {shown(value)}")
        return value
    raise ValueError(f'expected text in quotes, such as "{example}", found {shown(value)}')


def _stripped(value: object) -> object:
    if not isinstance(value, str):
        return value
    if SURROGATE.search(value):  # not shown: it may be a secret
        raise ValueError("expected valid Unicode")
    return pasted(value)


Pasted = BeforeValidator(_stripped)
"""For text that people paste: white space around it means nothing."""


def parsed(parse: Callable[[str], T], example: str) -> Parser[T]:
    """A parser for text with a grammar of its own."""
    return lambda value: _understood(parse, text(value, example))


def _understood(parse: Callable[[str], T], written: str) -> T:
    """What the text says; the problem shows it as discreetly as any other value."""
    try:
        return parse(written)
    except conditions.NotUnderstood as error:
        problem = f"{shown(error.text)}, character {error.position}: {error.problem}"
    raise ValueError(problem)


def _seconds(low: int, high: int) -> Callable[[str], int]:
    """A parser of durations within bounds."""

    def parse(written: str) -> int:
        length = conditions.duration(written)
        if low <= length <= high:
            return length
        bounds = f"{duration(low)} to {duration(high)}"
        raise ValueError(f"expected {bounds}, found {shown(written)}")

    return parse


def _windows(value: object) -> tuple[int, int]:
    """How many windows must breach; what has another form is refused with what was meant."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    written = text(value, "2 of 3")
    try:
        return conditions.windows(written)
    except conditions.NotUnderstood:
        if meant := " or ".join(f'"{each}"' for each in _meant_windows(written) if _holds(each)):
            found = f'expected "M of N" windows, found {shown(written)}'
            raise ValueError(f"{found}: did you mean {meant}?") from None
    return _understood(conditions.windows, written)


def _meant_windows(written: str) -> Iterator[str]:
    """What may have been meant: as a number of windows, and as a duration."""
    plain = written.strip().casefold()
    yield plain
    if bare := _BARE.fullmatch(plain):
        yield from (f"{bare[1]} of {bare[1]}", f"{bare[1]}m")
    elif ratio := _RATIO.fullmatch(plain):
        yield f"{ratio[1]} of {ratio[2]}"
    elif hours := _HOURS.fullmatch(plain):
        yield f"{round(float(hours[1]) * 60) + int(hours[2] or 0)}m"


def _holds(windows: str) -> bool:
    try:
        return bool(conditions.windows(windows))
    except conditions.NotUnderstood:
        return False


def margin(value: object) -> conditions.Margin:
    """A hysteresis; a bare number of calls needs no quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < MOST_CALLS:
            raise ValueError(f"expected fewer than {MOST_CALLS:,} calls, found {shown(value)}")
        return _understood(conditions.margin, str(value))
    return _understood(conditions.margin, text(value, "5%"))


def _remind(written: str) -> int | None:
    return None if written.strip() == "never" else _seconds(REMIND, _MONTH)(written)


def _key_name(value: object) -> str:
    """The name of an API key; what was written is not repeated, for it may be the key itself."""
    name = _stripped(value)
    if not isinstance(name, str):
        raise ValueError("expected text in quotes")  # noqa: TRY004 -- pydantic takes ValueErrors
    if not is_name(name):
        raise ValueError(
            "expected the name of an API key, not the key: "
            "at most 64 letters, digits, dots, - and _"
        )
    return name


def parser(parse: Parser[Any], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    """What `Annotated` needs to parse a value and to describe it to editors."""
    return PlainValidator(parse), WithJsonSchema(dict(schema))


def _grammar(parse: Parser[Any], pattern: str, *examples: str) -> Any:  # noqa: ANN401 -- a tuple for Annotated
    return parser(parse, type="string", pattern=rf"^\s*{pattern}\s*$", examples=list(examples))


if TYPE_CHECKING:  # '' stands for a word that is not given
    Region = str
    ClientEnv = str
else:
    Region = Literal[REGIONS]
    ClientEnv = Literal["live", "pre-release", "sandbox"]  # as the API's description has them
MissingWord = Annotated[Missing, Field(strict=False)]
Id = Annotated[str, Field(pattern=_ID, examples=["acme-uk"])]
Name = Annotated[str, Field(pattern=NAME, examples=["ops-slack"])]
KeyName = Annotated[str, *parser(_key_name, type="string", pattern=NAME, examples=["default"])]
Language = Annotated[str, Field(pattern=LANGUAGE, examples=["es-ES"])]
PhoneNumber = Annotated[str, Field(pattern=E164, examples=["+447700900123"])]
Label = Annotated[str, Field(pattern=_LABEL, examples=["summer"])]
Sentence = Annotated[str, Field(pattern=_SENTENCE, examples=["Ring the carrier"])]
Runbook = Annotated[
    str,
    Pasted,
    AfterValidator(link),
    Field(
        examples=["https://wiki.example.com"],
        json_schema_extra={"pattern": r"^\s*https?://", "maxLength": LONGEST_LINK},
    ),
]
ConditionText = Annotated[
    conditions.Condition | None,
    *_grammar(
        parsed(conditions.condition, ">= 80%"),
        rf"(>=|<=|>|<)\s*{_NUMBER}\s*(%\s*(of\s+(limit|usual)\b\s*)?)?(within\s+{_DURATION})?",
        ">= 80%",
        "<= 0",
    ),
]
Windows = Annotated[
    tuple[int, int],
    *_grammar(_windows, rf"([0-9]{{1,2}}\s+of\s+[0-9]{{1,2}}|{_DURATION})", "2 of 3", "15m"),
]
MarginText = Annotated[
    conditions.Margin,
    *parser(
        margin,
        anyOf=[
            {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*%?\s*$"},
            {"type": "number", "minimum": 0},
        ],
        examples=["5%", 5],
    ),
]
Settle = Annotated[int, *_grammar(parsed(_seconds(0, 600), "60s"), _DURATION, "60s")]
Late = Annotated[int, *_grammar(parsed(_seconds(0, 2700), "15m"), _DURATION, "15m")]
Remind = Annotated[
    int | None, *_grammar(parsed(_remind, "4h"), rf"({_DURATION}|never)", "4h", "never")
]
