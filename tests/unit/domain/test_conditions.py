"""The grammar of conditions, and thresholds in whole calls."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.conditions import (
    Base,
    Margin,
    NotUnderstood,
    condition,
    duration,
    margin,
    windows,
)
from headroom.domain.rules import Level, Severity
from headroom.domain.thresholds import Impossible, level, ordered

GRAMMARS: tuple[Callable[[str], object], ...] = (condition, windows, duration, margin)


def of(text: str, hysteresis: str = "0", limit: int | None = None) -> Level:
    return level(condition(text), Severity.WARNING, margin(hysteresis), limit)


@pytest.mark.parametrize(
    ("text", "op", "number", "base", "within"),
    [
        (">= 80%", ">=", Fraction(80), Base.LIMIT, 0),
        (">=80 % of limit", ">=", Fraction(80), Base.LIMIT, 0),
        ("> 113.5", ">", Fraction(227, 2), Base.CALLS, 0),
        ("  <=\n 0 ", "<=", Fraction(0), Base.CALLS, 0),
        ("< 0.125%", "<", Fraction(1, 8), Base.LIMIT, 0),
        (">= 999999.999", ">=", Fraction(999999999, 1000), Base.CALLS, 0),
        ("<= 40% of usual", "<=", Fraction(40), Base.USUAL, 0),
        (">= 100% within 30m", ">=", Fraction(100), Base.LIMIT, 1800),
        ("> 90% of limit within 2h", ">", Fraction(90), Base.LIMIT, 7200),
        (">= 96 within 10 m", ">=", Fraction(96), Base.CALLS, 600),
    ],
)
def test_a_condition_is_read_exactly(
    text: str, op: str, number: Fraction, base: Base, within: int
) -> None:
    read = condition(text)
    assert (read.op, read.number, read.base, read.within) == (op, number, base, within)
    assert read.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        (">= 80 %%", 8, """expected "of limit", "of usual", "within" or the end, found '%'"""),
        ("", 1, 'expected one of > >= < <=, such as ">= 80%", found the end'),
        ("=> 80", 1, """expected one of > >= < <=, such as ">= 80%", found '='"""),
        (">= ", 4, "expected a number such as 95 or 80%"),
        (">= -5", 4, "expected a number such as 95 or 80%"),
        (">= 1234567", 4, "at most 6 digits"),
        (">= 1.2345", 4, "3 decimals"),
        (">= 1.2.3", 4, "expected a number"),
        (">= ٣", 4, "expected a number"),
        (">= 80 calls", 7, """expected "%", "within" or the end, found 'c'"""),
        (">= 80% of", 10, """expected "limit" or "usual", found the end"""),
        (">= 80% of limits", 11, 'expected "limit"'),
        (">= 80 of limit", 7, 'expected "%" before "of limit"'),
        (">= 80% of limit now", 17, """expected "within" or the end, found 'n'"""),
        ("<= 40 of usual", 7, 'expected "%" before "of usual": did you mean "<= 40% of usual"?'),
        ("<= 40% of usual today", 17, "expected the end"),
        ("<= 40% of usual within 30m", 17, '"within" needs > or >='),
        (">= 150% of usual within 30m", 18, "not of usual"),
        ("<= 10% within 30m", 8, '"within" needs > or >='),
        (
            ">= 100% within 5m",
            16,
            "expected 10m to 2h in steps of 5m, such as within 30m, found 5m",
        ),
        (">= 100% within 5h", 16, "such as within 30m, found 5h"),
        (">= 100% within 12m", 16, "such as within 30m, found 12m"),
        (">= 100% within 5 min", 18, "expected 10m to 2h in steps of 5m, such as within 30m"),
        (">= 100% within 30m more", 20, "expected the end"),
        (">= 100% of limit within 30", 27, "such as within 30m"),
        (">= 80% and <= 90%", 8, "expected"),
    ],
)
def test_what_is_no_condition_is_refused_at_its_place(
    text: str, position: int, problem: str
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        condition(text)
    assert (refused.value.text, refused.value.position) == (text, position)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("text", "position"),
    [("4 of 3", 1), ("0 of 3", 1), ("2 of 37", 6), ("2 of 0", 6), ("2", 2), ("2 of", 5), ("a", 1)],
)
def test_windows_that_cannot_hold_are_refused(text: str, position: int) -> None:
    with pytest.raises(NotUnderstood) as refused:
        windows(text)
    assert refused.value.position == position


def test_windows_are_m_of_n() -> None:
    assert windows("2 of 3") == (2, 3)
    assert windows("36of 36") == (36, 36)


def test_durations_are_seconds() -> None:
    assert [duration(text) for text in ("4h", "30m", "90 s", "1d")] == [14400, 1800, 90, 86400]
    with pytest.raises(NotUnderstood, match="one of s m h d"):
        duration("4w")


@pytest.mark.parametrize(
    ("text", "better"),
    [("4 hours", "4h"), ("30mins", "30m"), ("90 seconds", "90s"), ("1 day", "1d"), ("2 hrs", "2h")],
)
def test_a_unit_that_is_written_out_is_refused_with_its_letter(text: str, better: str) -> None:
    with pytest.raises(NotUnderstood, match=f": write {better}$"):
        duration(text)


@pytest.mark.parametrize("text", ["4 months", "1h30m"])
def test_a_unit_that_only_begins_like_one_is_not_guessed(text: str) -> None:
    with pytest.raises(NotUnderstood, match=r"one of s m h d .* and nothing behind it"):
        duration(text)


def refusal(grammar: Callable[[str], object], text: str) -> NotUnderstood | None:
    try:
        grammar(text)
    except NotUnderstood as refused:
        return refused
    return None


@given(st.text() | st.text(alphabet=">=<0123456789.% oflimitusawhn", max_size=40))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    for grammar in GRAMMARS:
        refused = refusal(grammar, text)
        if refused is not None:
            assert 1 <= refused.position <= len(text) + 1
            assert len(str(refused)) < 400


@pytest.mark.parametrize("text", [">= " + "9" * 100_000, " " * 100_000, ">" * 100_000])
def test_an_absurdly_long_text_is_refused_at_once_and_told_short(text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        condition(text)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "limit", "fires"),
    [
        (">= 95%", 120, 114),
        (">= 80%", 120, 96),
        ("> 95%", 120, 115),
        (">= 114", None, 114),
        ("> 113.5", None, 114),
        (">= 113.5", None, 114),
        ("> 0", None, 1),
        ("<= 0", None, 0),
        ("< 1", None, 0),
        ("<= 5%", 120, 6),
        ("< 5%", 120, 5),
        (">= 14%", 50, 7),  # 0.14 * 50 is more than 7 in floats
        (">= 29%", 100, 29),
    ],
)
def test_a_threshold_is_the_first_whole_number_of_calls_that_breaches(
    text: str, limit: int | None, fires: int
) -> None:
    assert of(text, limit=limit).fires == fires


@pytest.mark.parametrize(
    ("text", "hysteresis", "limit", "holds"),
    [
        (">= 95%", "5%", 120, 108),
        (">= 95%", "5", 120, 109),
        ("> 95%", "5%", 120, 109),
        (">= 20", "0.5", None, 20),
        ("<= 0", "3", None, 3),
        ("< 10%", "5%", 120, 17),
        ("<= 10%", "5%", 120, 18),
    ],
)
def test_a_firing_level_holds_until_past_the_hysteresis(
    text: str, hysteresis: str, limit: int | None, holds: int
) -> None:
    assert of(text, hysteresis, limit).holds == holds


@pytest.mark.parametrize(
    ("text", "hysteresis", "limit", "problem"),
    [
        (">= 80%", "0", None, "add a limit"),
        (">= 0", "0", None, "always holds"),
        (">= 0%", "0", 120, "always holds"),
        ("< 0", "0", None, "never holds"),
        ("< 0.5", "0", None, "is less than one call: did you mean '< 50%'"),
        (">= 0.95", "5%", 120, "is less than one call: did you mean '>= 95%'"),
        (">= 121", "0", 120, "more than the limit of 120: did you mean '>= 100%'"),
        (">= 150%", "5", 120, "more than the limit of 120: did you mean '>= 100%'"),
        ("<= 121", "0", 120, "more than the limit of 120: it would always hold"),
        ("<= 50%", "50%", 120, "never recover"),
        ("< 50", "71", 120, "never recover"),
        (">= 5", "5", None, "never recover"),
        (">= 5%", "6%", 120, "never recover"),
        (">= 80", "5%", 120, "without %"),
    ],
)
def test_an_impossible_threshold_is_refused(
    text: str, hysteresis: str, limit: int | None, problem: str
) -> None:
    with pytest.raises(Impossible, match=problem):
        of(text, hysteresis, limit)


def both(warning: str, critical: str) -> list[Level]:
    pairs = ((Severity.WARNING, warning), (Severity.CRITICAL, critical))
    made = [(condition(text), level(condition(text), s, Margin(), 120)) for s, text in pairs]
    return list(ordered(made))


def test_levels_come_with_the_most_severe_first() -> None:
    assert [each.fires for each in both(">= 80%", ">= 95%")] == [114, 96]
    assert [each.fires for each in both("<= 5", "<= 0")] == [0, 5]


@pytest.mark.parametrize(
    ("warning", "critical", "problem"),
    [
        (">= 95%", ">= 80%", "beyond"),
        (">= 100", ">= 80%", "beyond"),
        ("<= 0", "<= 5", "beyond"),
        (">= 80%", "<= 0", "different directions"),
    ],
)
def test_levels_that_contradict_each_other_are_refused(
    warning: str, critical: str, problem: str
) -> None:
    with pytest.raises(Impossible, match=problem):
        both(warning, critical)


NUMBERS = st.decimals(0, 999, places=3, allow_nan=False)


@given(
    op=st.sampled_from(["<", "<=", ">", ">="]),
    number=NUMBERS,
    limit=st.none() | st.integers(1, 500),
    reading=st.integers(0, 6000),
)
def test_a_whole_reading_breaches_exactly_when_the_arithmetic_says_so(
    op: str, number: object, limit: int | None, reading: int
) -> None:
    text = f"{op} {number}" + ("%" if limit else "")
    exact = Fraction(str(number)) * (Fraction(limit, 100) if limit else 1)
    truth = {
        "<": reading < exact,
        "<=": reading <= exact,
        ">": reading > exact,
        ">=": reading >= exact,
    }
    try:
        made = of(text, limit=limit)
    except Impossible:
        return
    breaches = reading >= made.fires if op.startswith(">") else reading <= made.fires
    assert breaches == truth[op]


@pytest.mark.parametrize(
    ("text", "written"),
    [("7m", "5m or 10m"), ("12m", "10m or 15m"), ("3m", "5m or 10m")],
)
def test_a_time_that_is_no_number_of_windows_is_refused_with_its_neighbours(
    text: str, written: str
) -> None:
    with pytest.raises(
        NotUnderstood, match=f"character 1: a window has 5 minutes: write {written}"
    ):
        windows(text)


@pytest.mark.parametrize(("text", "at"), [("5 calls", 3), ("5%%", 3), ("5% of limit", 4)])
def test_what_follows_a_hysteresis_is_refused(text: str, at: int) -> None:
    with pytest.raises(NotUnderstood, match=f"character {at}: expected .*the end"):
        margin(text)
