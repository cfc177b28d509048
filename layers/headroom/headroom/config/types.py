"""The kinds of values that operators write: each one's check beside its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import PlainValidator, WithJsonSchema

from headroom.config.addresses import link
from headroom.config.pasted import pasted
from headroom.config.wording import HALF, shown, suggestion
from headroom.domain import conditions
from headroom.domain.links import LONGEST_LINK
from headroom.domain.rules import Missing
from headroom.polyai.hosts import REGIONS

T = TypeVar("T")
Check = Callable[[object], T]

_MOST_CALLS = 10**6
_BARE = re.compile(r"\s*[0-9]{1,3}\s*")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,3}")


def text(value: object, example: str) -> str:
    """Any text; YAML makes numbers and yes-or-no values of words that are not in quotes."""
    if isinstance(value, str):
        if HALF.search(value):  # which no address can hold, and no stored document
            raise ValueError(f"expected whole characters, found {shown(value)}")
        return value
    raise ValueError(f'expected text in quotes, such as "{example}", found {shown(value)}')


def secret_text(value: object) -> str:
    """Any text that is a secret, without white space around it; never repeated in an error."""
    if isinstance(value, str):
        return pasted(value)
    raise ValueError("expected text in quotes")


def pasted_text(check: Check[T]) -> Check[T]:
    """The same check for text that people paste: white space around it means nothing."""
    return lambda value: check(pasted(value) if isinstance(value, str) else value)


def matching(pattern: str, example: str, expected: str) -> Check[str]:
    """A check for text of one shape."""
    shape = re.compile(pattern)

    def check(value: object) -> str:
        word = text(value, example)
        if shape.fullmatch(word):
            return word
        raise ValueError(f"expected {expected}, such as {example}, found {shown(word)}")

    return check


def one_of(*known: str) -> Check[str]:
    """A check for one of a few words."""

    def check(value: object) -> str:
        word = text(value, known[0])
        if word in known:
            return word
        raise ValueError(f"{shown(word)} is not known: {suggestion(word, known)}")

    return check


def whole(low: int, high: int) -> Check[int]:
    """A check for a whole number."""

    def check(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise ValueError(
            f"expected a whole number from {low} to {high:,}, without quotes, found {shown(value)}"
        )

    return check


def yes_or_no(value: object) -> bool:
    """A check for true or false."""
    if isinstance(value, bool):
        return value
    raise ValueError(f"expected true or false, without quotes, found {shown(value)}")


def parsed(parse: Callable[[str], T], example: str) -> Check[T]:
    """A check for text with a grammar of its own."""
    return lambda value: _understood(parse, text(value, example))


def _understood(parse: Callable[[str], T], written: str) -> T:
    """What the text says; one that is not understood is told as discreetly as any other value."""
    try:
        return parse(written)
    except conditions.NotUnderstood as error:
        problem = f"{shown(error.text)}, character {error.position}: {error.problem}"
    raise ValueError(problem)


def seconds(low: int, high: int) -> Callable[[str], int]:
    """A parser of durations within bounds."""

    def parse(written: str) -> int:
        length = conditions.duration(written)
        if low <= length <= high:
            return length
        raise ValueError(f"expected {low} to {high:,} seconds, found {shown(written)}")

    return parse


def windows(value: object) -> tuple[int, int]:
    """How many windows must breach; a bare number is refused with what it most likely means."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    written = text(value, "2 of 3")
    if _BARE.fullmatch(written):
        raise ValueError(
            f'expected "M of N" windows, found {shown(written)}: '
            f'did you mean "{written.strip()} of {written.strip()}"?'
        )
    return _understood(conditions.windows, written)


def margin(value: object) -> conditions.Margin:
    """A hysteresis; a bare number of calls needs no quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _MOST_CALLS:
            raise ValueError(f"expected fewer than {_MOST_CALLS:,} calls, found {shown(value)}")
        return _understood(conditions.margin, str(value))
    return _understood(conditions.margin, text(value, "5%"))


def timezone(value: object) -> str:
    """The name of a zone that this machine's time zone data knows."""
    name = text(value, "Europe/London")
    unknown = f"the time zone {shown(name)} is not known: expected a name such as Europe/London"
    if not _ZONE.fullmatch(name):  # zoneinfo imports a package for each part that it is given
        raise ValueError(unknown)
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(unknown) from None


ENVIRONMENTS = ("live", "pre-release", "sandbox")
"""PolyAI's `client_env`; source: the Concurrent Calls API's description."""

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""Of projects, channels, keys and rules: what one part of an SSM path may hold."""
_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_NUMBER = r"[0-9]{1,6}(\.[0-9]{1,3})?"
LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"
E164 = r"\+[1-9][0-9]{6,14}"
_DURATION = r"[0-9]{1,6}\s*[smhd]"
_LINE = r"[^\x00-\x1f\x7f]"
_MOST_CALLS = 1_000_000
_MONTH = 30 * 86400
REMIND = 300
"""Seconds between reminders, at least: one window, so that no two fall into the same one."""


def kind(check: Check[Any], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    """What `Annotated` needs to check a value and to describe it to editors."""
    return PlainValidator(check), WithJsonSchema(dict(schema))


def _text(pattern: str, example: str, expected: str) -> tuple[PlainValidator, WithJsonSchema]:
    check = matching(pattern, example, expected)
    return kind(check, type="string", pattern=f"^{pattern}$", examples=[example])


def _grammar(check: Check[Any], pattern: str, *examples: str) -> Any:  # noqa: ANN401 -- a tuple for Annotated
    return kind(check, type="string", pattern=rf"^\s*{pattern}\s*$", examples=list(examples))


def _words(*known: str) -> tuple[PlainValidator, WithJsonSchema]:
    return kind(one_of(*known), enum=list(known))


def _key_name(value: object) -> str:
    """The name of an API key; what was written is not repeated, for it may be the key itself."""
    name = secret_text(value)
    if NAME.fullmatch(name):
        return name
    raise ValueError(
        "expected the name of an API key, not the key: at most 64 letters, digits, dots, - and _"
    )


def _remind(written: str) -> int | None:
    return None if written.strip() == "never" else seconds(REMIND, _MONTH)(written)


Id = Annotated[str, *_text(_ID, "acme-uk", "an id as in Agent Studio's address, without slashes")]
Name = Annotated[
    str, *_text(NAME.pattern, "ops-slack", "a name of at most 64 letters, digits, dots, - and _")
]
KeyName = Annotated[
    str, *kind(_key_name, type="string", pattern=f"^{NAME.pattern}$", examples=["default"])
]
Language = Annotated[str, *_text(LANGUAGE, "es-ES", "a language tag")]
PhoneNumber = Annotated[
    str, *_text(E164, "+447700900123", "a phone number with + and country code (E.164)")
]
Label = Annotated[str, *_text(_LINE + "{1,200}", "summer", "one line, at most 200 characters")]
Sentence = Annotated[
    str, *_text(_LINE + "{1,500}", "Ring the carrier", "one line, at most 500 characters")
]
Region = Annotated[str, *_words(*REGIONS)]
ClientEnv = Annotated[str, *_words(*ENVIRONMENTS)]
MissingWord = Annotated[
    Missing,
    *kind(lambda value: Missing(one_of(*Missing)(value)), enum=[word.value for word in Missing]),
]
Timezone = Annotated[str, *kind(timezone, type="string", examples=["Europe/London"])]
Runbook = Annotated[
    str,
    *kind(
        pasted_text(parsed(link, "https://wiki.example.com")),
        type="string",
        pattern="^\\s*https?://",
        maxLength=LONGEST_LINK,
    ),
]
Limit = Annotated[int, *kind(whole(1, _MOST_CALLS), type="integer", minimum=1, maximum=_MOST_CALLS)]
ConditionText = Annotated[
    conditions.Condition,
    *_grammar(
        parsed(conditions.condition, ">= 80%"),
        rf"(>=|<=|>|<)\s*{_NUMBER}\s*(%\s*(of\s+limit)?)?",
        ">= 80%",
        "<= 0",
    ),
]
Windows = Annotated[
    tuple[int, int],
    *_grammar(windows, rf"([0-9]{{1,2}}\s+of\s+[0-9]{{1,2}}|{_DURATION})", "2 of 3", "15m"),
]
MarginText = Annotated[
    conditions.Margin,
    *kind(
        margin,
        anyOf=[
            {"type": "string", "pattern": rf"^\s*{_NUMBER}\s*%?\s*$"},
            {"type": "number", "minimum": 0},
        ],
        examples=["5%", 5],
    ),
]
Settle = Annotated[int, *_grammar(parsed(seconds(0, 600), "60s"), _DURATION, "60s")]
Late = Annotated[int, *_grammar(parsed(seconds(0, 2700), "15m"), _DURATION, "15m")]
Remind = Annotated[
    int | None, *_grammar(parsed(_remind, "4h"), rf"({_DURATION}|never)", "4h", "never")
]
