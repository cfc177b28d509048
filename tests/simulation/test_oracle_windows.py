"""Which level holds at each closed window, in the oracle's own words (DESIGN 3 and 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.oracle.cases import NEAR, T0
from tests.simulation.oracle.usual import Usual
from tests.simulation.oracle.windows import WINDOW, Alert, Stretch, closed_by, open_at, stretches

LOWER = replace(NEAR, upper=False, warning=5, critical=1)
VARIANT = replace(LOWER, query="by variant")
LETTERS = {None: ".", "warning": "w", "critical": "c"}

CASES = {
    "an upper bound": (NEAR, "20 70 89 90 69", ".wwc."),
    "a lower bound": (LOWER, "6 5 2 1 0 6", ".wwcc."),
    "one level alone": (replace(NEAR, warning=None), "80 90 89", ".c."),
    "2 of 3": (replace(NEAR, needed=2, among=3), "70 20 70 20 20 70 90 90", "..w...wc"),
    "it goes on less the margin": (replace(NEAR, margin=5), "69 70 65 64 69", ".ww.."),
    "and so does what lies below": (replace(NEAR, margin=5), "90 85 84 65 64", "ccww."),
    "2 of 3 with a margin": (
        replace(NEAR, needed=2, among=3, margin=5),
        "70 70 20 66 64 64",
        ".www..",
    ),
    "a lower bound with a margin": (replace(LOWER, margin=5), "5 10 11 6", "ww.."),
    "missing is no calls": (LOWER, "6 - 6", ".c."),
    "missing is a breach": (replace(NEAR, missing="breach"), "20 - 20", ".c."),
    "missing is no breach": (replace(LOWER, missing="ok"), "0 - 0", "c.c"),
    "missing is ignored": (
        replace(NEAR, needed=2, among=2, missing="ignore"),
        "70 - 70 - - - -",
        "..ww...",
    ),
    "ignored, up to 2 N windows back": (replace(NEAR, missing="ignore"), "70 - - -", "ww.."),
    "a variant that was never there": (VARIANT, "- - -", "..."),
    "a variant that was there in the last 2 N windows": (VARIANT, "9 - - -", ".ccc"),
    "outside its hours it holds nothing": (
        replace(NEAR, during=("10:05-10:15",)),
        "90 90 90 90",
        ".cc.",
    ),
    "M of N counts inside one stretch of hours": (
        replace(NEAR, during=("09:00-10:05", "10:10-11:00"), needed=2, among=3),
        "90 90 90 90",
        "...c",
    ),
    "ignored, inside one stretch of hours": (
        replace(NEAR, during=("10:05-11:00",), missing="ignore", needed=2, among=2),
        "90 90 - 90",
        "...c",
    ),
    "in the time zone of the rule": (
        replace(NEAR, during=("Mon 15:35-15:40",), zone="Asia/Kolkata"),
        "90 90 90",
        ".c.",
    ),
    "on a holiday, nothing": (replace(NEAR, holidays=("2026-11-23",)), "90 90", ".."),
    "a night goes on into a holiday": (
        replace(NEAR, during=("Sun 22:00-10:05",), holidays=("2026-11-23",)),
        "90 90",
        "c.",
    ),
    "a night that began on a holiday": (
        replace(NEAR, during=("22:00-10:05",), holidays=("2026-11-22",)),
        "90 90",
        "..",
    ),
    "a variant that is idle for longer": (replace(VARIANT, needed=1), "9 9", ".."),
}


@pytest.mark.parametrize("name", CASES)
def test_the_level_that_holds(name: str) -> None:
    rule, values, expected = CASES[name]
    alert = Alert(rule, _alert(values))
    windows = range(T0, T0 + WINDOW * len(expected), WINDOW)
    held = alert.walk(T0, windows[-1])
    assert "".join(LETTERS[held.get(each)] for each in windows) == expected


WEEK = 7 * 86400
UNUSUAL = replace(NEAR, warning=150, critical=200, of_usual=True)
LESS = replace(UNUSUAL, upper=False, warning=40, critical=10)

OF_USUAL = {
    "a percentage of usual": (UNUSUAL, 100, "100 149 150 200", "..wc"),
    "at least, and outside the band": (replace(LESS, warning=90), 100, "90 76 75 74", "...w"),
    "below ten calls a percentage says nothing": (LESS, 6, "0 0", ".."),
    "it goes on inside the band": (LESS, 10, "3 2 3 4 5", ".www."),
    "it goes on less the margin": (replace(LESS, margin=10), 20, "6 10 11", "ww."),
    "where nothing is usual, it abstains": (replace(LESS, missing="breach"), None, "0 -", ".."),
    "a missing window breaches": (replace(LESS, missing="breach"), 20, "20 -", ".c"),
}


@pytest.mark.parametrize("name", OF_USUAL)
def test_the_level_that_holds_of_usual(name: str) -> None:
    rule, calls, values, expected = OF_USUAL[name]
    weeks = (2, 3) if calls is not None else ()
    around = range(T0 - 2 * WINDOW, T0 + 8 * WINDOW, WINDOW)
    readings = {each - back * WEEK: calls or 0 for back in weeks for each in around}
    alert = Alert(rule, _alert(values), Usual(rule, readings))
    windows = range(T0, T0 + WINDOW * len(expected), WINDOW)
    held = alert.walk(T0, windows[-1])
    assert "".join(LETTERS[held.get(each)] for each in windows) == expected


FILLING = replace(NEAR, warning=70, critical=90, within=1800)

TRENDS = {
    "a line that fills up": (
        FILLING,
        "10 14 18 22 26 30 34 38 42 46 50 54 58 62 66",
        ".........wwwwwc",
    ),
    "a scatter is no trend": (FILLING, "10 40 5 30 20 45 10 40", "........"),
    "it stays full": (FILLING, "70 70 70 70 70 70 70", ".....ww"),
    "a hole is no calls": (FILLING, "34 38 42 - 50 54 58 62", "........"),
    "a hole is no trend": (
        replace(FILLING, missing="ok"),
        "38 42 46 - 50 54 58 62 66",
        ".........",
    ),
}


@pytest.mark.parametrize("name", TRENDS)
def test_the_level_that_the_trend_reaches(name: str) -> None:
    rule, values, expected = TRENDS[name]
    alert = Alert(rule, _alert(values))
    windows = range(T0, T0 + WINDOW * len(expected), WINDOW)
    held = alert.walk(T0 + 5 * WINDOW, windows[-1])
    assert "".join(LETTERS[held.get(each)] for each in windows) == expected


def test_a_trend_below_what_is_usual_is_none() -> None:
    filling = _alert("20 26 32 38 44 50 56 62")
    weeks = {each - back * WEEK: 60 for back in (1, 2) for each in filling}
    held = Alert(FILLING, filling, Usual(FILLING, weeks)).walk(T0 + 5 * WINDOW, max(filling))
    assert held == {}
    assert Alert(FILLING, filling).walk(T0 + 5 * WINDOW, max(filling)) != {}


def test_what_is_left_out_is_not_usual() -> None:
    weeks = {T0 - back * WEEK: 10 * back for back in range(1, 5)}
    assert Usual(NEAR, weeks).at(T0) == 25
    without = replace(NEAR, holidays=("2026-11-16",))
    assert Usual(without, weeks).at(T0) == 30
    fired = [(T0 - 4 * WEEK, T0 - 4 * WEEK + WINDOW)]
    assert Usual(without, weeks, fired).at(T0) == 25
    assert Usual(without, weeks, [*fired, (T0 - 3 * WEEK, T0)]).at(T0) is None


def test_what_was_before_the_first_call_is_not_usual() -> None:
    weeks = {T0 - 3 * WEEK: 0, T0 - 2 * WEEK: 0, T0 - WEEK: 30}
    assert Usual(NEAR, weeks).at(T0) is None
    assert Usual(NEAR, {**weeks, T0 - 4 * WEEK: 10}).at(T0) == 5


def test_a_change_of_clocks_does_not_shift_the_week() -> None:
    london = replace(NEAR, zone="Europe/London")
    before = T0 - 4 * WEEK  # 2026-10-26, after the clocks went back; a week earlier it was summer
    weeks = {before - WEEK - 3600: 50, before - WEEK: 10, before - 2 * WEEK - 3600: 50}
    assert Usual(london, weeks).at(before) == 50


def test_a_stretch_ends_where_nothing_holds() -> None:
    alert = Alert(NEAR, _alert("70 90 20 70"))
    assert alert.held_from(T0, T0 + 3 * WINDOW) == {T0: "warning", T0 + WINDOW: "critical"}


def test_stories_are_the_stretches() -> None:
    held = Alert(NEAR, _alert("70 90 20 70")).walk(T0, T0 + 3 * WINDOW)
    assert list(stretches(held, T0 + 3 * WINDOW)) == [
        Stretch(T0, T0 + 2 * WINDOW),
        Stretch(T0 + 3 * WINDOW, None),
    ]


@pytest.mark.parametrize(
    ("seconds", "closed", "opened"),
    [(0, -2, [-1, 0]), (59, -2, [-1, 0]), (60, -1, [0]), (299, -1, [0]), (300, -1, [0, 1])],
)
def test_a_window_closes_once_it_has_settled(seconds: int, closed: int, opened: list[int]) -> None:
    assert closed_by(T0 + seconds, 60) == T0 + closed * WINDOW
    assert list(open_at(T0 + seconds, 60)) == [T0 + each * WINDOW for each in opened]


def _alert(values: str) -> dict[int, int]:
    words = values.split()
    return {T0 + WINDOW * k: int(word) for k, word in enumerate(words) if word != "-"}
