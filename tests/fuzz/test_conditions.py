"""The words of a rule: any text is read, or refused with its place and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.config import types
from headroom.domain.conditions import Base, NotUnderstood, condition, duration, margin, windows
from headroom.domain.hours_text import holiday, hours
from tests.fuzz.meter import refusal, timed
from tests.fuzz.texts import ANYTHING, near

NUMBER = st.from_regex(r"[0-9]{1,6}(\.[0-9]{1,3})?", fullmatch=True)
GAP = st.sampled_from(["", " ", "  \t", "\n"])
OP = st.sampled_from([">", ">=", "<", "<="])
PERCENT = st.sampled_from(["", "%", "% of limit"])
DURATION = st.builds("{}{}{}".format, st.integers(0, 999_999), GAP, st.sampled_from("smhd"))

GRAMMARS: dict[str, tuple[Callable[[str], object], st.SearchStrategy[str]]] = {
    "condition": (
        condition,
        near(st.builds("{1}{0}{1}{2}{1}{3}".format, OP, GAP, NUMBER, PERCENT)),
    ),
    "for": (windows, near(["2 of 3", "1 of 1", "36of 36", "12\tof 36"])),
    "duration": (duration, near(DURATION | st.sampled_from(["4 hours", "30mins", "1h30m"]))),
    "during": (hours, near(["Mon-Fri 08:00-20:00", "Sat,Sun 22:00-06:00", "00:00-24:00"])),
    "holidays": (holiday, near(["2026-12-24", "2026-12-27 to 2027-01-03", "GB-ENG"])),
    "hysteresis": (margin, near(st.builds("{}{}".format, NUMBER, st.sampled_from(["", "%"])))),
}


@pytest.mark.parametrize("name", GRAMMARS)
@given(data=st.data())
def test_any_text_is_read_or_refused_with_its_place(name: str, data: st.DataObject) -> None:
    grammar, texts = GRAMMARS[name]
    text = data.draw(texts)
    refused = timed(name, lambda: refusal(lambda: grammar(text), NotUnderstood))
    if isinstance(refused, NotUnderstood):
        assert refused.text == text
        assert 1 <= refused.position <= len(text) + 1
        assert str(refused).isprintable()
        assert len(str(refused)) < 800  # sixty characters, escaped


@given(OP, GAP, NUMBER, PERCENT)
def test_a_condition_means_what_it_says_whatever_its_blanks(
    op: str, gap: str, number: str, percent: str
) -> None:
    read = timed("condition, good", lambda: condition(f"{gap}{op}{gap}{number}{gap}{percent}{gap}"))
    base = Base.LIMIT if percent else Base.CALLS
    assert (read.op, read.number, read.base) == (op, Fraction(number), base)
    again = condition(read.text)
    assert (again.op, again.number, again.base) == (read.op, read.number, read.base)
    assert condition(again.text) == again


@given(st.integers() | st.floats() | ANYTHING | st.integers().map(lambda n: n * 10**4300))
def test_any_value_is_a_hysteresis_or_refused(value: object) -> None:
    refused = timed("hysteresis, any", lambda: refusal(lambda: types.margin(value), ValueError))
    assert type(refused) in (type(None), ValueError, NotUnderstood), repr(refused)
    assert len(str(refused)) < 800
    assert "Exceeds" not in str(refused), "Python's own words"
