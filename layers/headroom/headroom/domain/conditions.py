"""The words of a rule: conditions, `M of N`, durations and hysteresis, from text to values.

Grammar of a condition: `OP NUMBER[%] [of limit|of usual] [within DURATION]`, OP one of `> >= < <=`.
A refusal names the text, the position and what was expected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NoReturn

from headroom.domain.windows import WINDOW

LONGEST = 36
"""Windows that a rule may look back on: three hours."""
NEAREST, FURTHEST = 600, 7200
"""Seconds that `within` may look ahead: a trend of half an hour tells nothing about tomorrow."""

_SHOWN = 60
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_OPERATOR = re.compile(r">=|<=|>|<")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,3})?(?![0-9.])")
_COUNT = re.compile(r"[0-9]{1,3}(?![0-9.])")
_UNIT = re.compile(r"[smhd]\b")
_UNIT_WORD = re.compile(r"(?:sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?)\b")
_ONE_LETTER = "one of s m h d (seconds to days) and nothing behind it"
_DURATION = re.compile(r"\s*[0-9]+\s*[a-np-z]")  # not the "of" of "2 of 3"
_SPACE = re.compile(r"[ \t\r\n]*")
_SIZE = "at most 6 digits and 3 decimals"


class NotUnderstood(ValueError):
    """A text does not follow the grammar: the text, the position (from 1), what is wrong there."""

    def __init__(self, text: str, position: int, problem: str) -> None:
        cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
        super().__init__(f"{cut!r}, character {position}: {problem}")
        self.text = text
        self.position = position
        self.problem = problem


class Base(StrEnum):
    """What the number of a condition is."""

    CALLS = "calls"
    LIMIT = "limit"
    """A percentage of the limit."""
    USUAL = "usual"
    """A percentage of what is usual at this time of the week."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison with a reading, or with where the trend leads (`within`)."""

    text: str
    """As the operator wrote it, on one line."""
    op: str
    number: Fraction
    base: Base = Base.CALLS
    within: int = 0
    """Seconds ahead that the trend is followed; 0: the reading itself is compared."""

    @property
    def upper(self) -> bool:
        """Whether many calls breach it; of a lower bound, few do."""
        return self.op.startswith(">")


@dataclass(frozen=True, slots=True)
class Margin:
    """How far past the threshold a reading must be before a level stops firing."""

    number: Fraction = Fraction(0)
    percent: bool = False
    text: str = "0"


class _Scanner:
    """Reads a text from left to right; blanks between words mean nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self._skip()

    def _skip(self) -> None:
        blank = _SPACE.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def maybe(self, pattern: re.Pattern[str] | str) -> str:
        """Take what is next if it is this, else take nothing."""
        found = re.compile(pattern).match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        self._skip()
        return found.group()

    def need(self, pattern: re.Pattern[str] | str, expected: str) -> str:
        """Take what is next, which must be this."""
        return self.maybe(pattern) or self._fail(expected)

    def end(self, expected: str) -> None:
        """Nothing more may come."""
        if self.at < len(self.text):
            self._fail(expected)

    def _fail(self, expected: str) -> NoReturn:
        rest = self.text[self.at : self.at + 1]
        found = repr(rest) if rest else "the end"
        raise self.error(self.at, f"expected {expected}, found {found}")

    def error(self, at: int, problem: str) -> NotUnderstood:
        """The error about the character with this index."""
        return NotUnderstood(self.text, at + 1, problem)


def condition(text: str) -> Condition:
    """Parse `>= 80%` and the like. Raises NotUnderstood."""
    scan = _Scanner(text)
    op = scan.need(_OPERATOR, 'one of > >= < <=, such as ">= 80%"')
    number = scan.need(_NUMBER, f"a number such as 95 or 80% ({_SIZE})")
    percent = bool(scan.maybe("%"))
    base = _base(scan, op, number, percent=percent)
    within = _within(scan, op, base)
    scan.end(_end(text, base, percent=percent))
    return Condition(" ".join(text.split()), op, Fraction(number), base, within)


def _end(text: str, base: Base, *, percent: bool) -> str:
    """What may come behind all that was read."""
    if "within" in text or base is Base.USUAL:
        return "the end"
    named = re.search(r"\bof\b", text)
    more = "" if named else '"of limit", "of usual", ' if percent else '"%", '
    return f'{more}"within" or the end'


def _base(scan: _Scanner, op: str, number: str, *, percent: bool) -> Base:
    at = scan.at
    if not scan.maybe(r"of\b"):
        return Base.LIMIT if percent else Base.CALLS
    base = scan.need(r"(?:limit|usual)\b", '"limit" or "usual"')
    if not percent:
        share = Fraction(number)
        if share.denominator > 1:  # as in 0.4 or 1.5 of usual
            share *= 100
        meant = f"{op} {float(share):g}% of {base}"
        raise scan.error(at, f'expected "%" before "of {base}": did you mean "{meant}"?')
    return Base(base)


def _within(scan: _Scanner, op: str, base: Base) -> int:
    at = scan.at
    if not scan.maybe(r"within\b"):
        return 0
    if op.startswith("<"):
        raise scan.error(at, '"within" needs > or >=: a trend tells when calls reach a number')
    if base is Base.USUAL:
        raise scan.error(at, '"within" needs calls or a percentage of the limit, not of usual')
    at, expected = scan.at, "expected 10m to 2h in steps of 5m, such as within 30m"
    try:
        seconds = _seconds(scan)
    except NotUnderstood as error:
        raise scan.error(error.position - 1, expected) from None
    if not NEAREST <= seconds <= FURTHEST or seconds % WINDOW:
        raise scan.error(at, f"{expected}, found {scan.text[at : scan.at].strip()}")
    return seconds


def windows(text: str) -> tuple[int, int]:
    """Parse `2 of 3` (M, N): M of the last N windows; `15m` is `3 of 3`. Raises NotUnderstood."""
    scan = _Scanner(text)
    if _DURATION.match(text):
        return _whole_windows(scan)
    expected = 'a number of windows such as "2 of 3"'
    needed = int(scan.need(_COUNT, expected))
    scan.need(r"of\b", '"of", as in 2 of 3')
    at = scan.at
    among = int(scan.need(_COUNT, expected))
    scan.end("the end")
    if not 1 <= among <= LONGEST:
        raise scan.error(at, f"expected 1 to {LONGEST} windows, found {among}")
    if not 1 <= needed <= among:
        raise scan.error(0, f"expected 1 to {among} of {among} windows, found {needed}")
    return needed, among


def _whole_windows(scan: _Scanner) -> tuple[int, int]:
    seconds = _seconds(scan)
    scan.end("the end")
    count, rest = divmod(seconds, WINDOW)
    if rest or not count:
        near = max(1, count) * WINDOW // 60
        raise scan.error(0, f"a window has 5 minutes: write {near}m or {near + 5}m, or M of N")
    if count > LONGEST:
        raise scan.error(0, f"expected at most {LONGEST} windows (3h), found {count}")
    return count, count


def duration(text: str) -> int:
    """Parse `4h`, `30m`, `90s` or `1d` into seconds. Raises NotUnderstood."""
    scan = _Scanner(text)
    seconds = _seconds(scan)
    scan.end("the end")
    return seconds


def _seconds(scan: _Scanner) -> int:
    number = scan.need(r"[0-9]{1,6}(?![0-9.])", "a duration such as 4h, 30m or 90s")
    at = scan.at
    unit = scan.maybe(_UNIT)
    if not unit and (word := scan.maybe(_UNIT_WORD)):
        raise scan.error(at, f"write {number}{word[0]}")
    return int(number) * _UNITS[unit or scan.need(_UNIT, _ONE_LETTER)]


def margin(text: str) -> Margin:
    """Parse a hysteresis, `5` (calls) or `5%` (of the limit). Raises NotUnderstood."""
    scan = _Scanner(text)
    number = scan.need(_NUMBER, f"a number of calls such as 5, or 5% ({_SIZE})")
    percent = bool(scan.maybe("%"))
    scan.end("the end" if percent else '"%" or the end')
    return Margin(Fraction(number), percent, " ".join(text.split()))
