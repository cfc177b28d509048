"""Which level holds at each closed window, in the oracle's own words (DESIGN 3 and 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.simulation.oracle.cases import NEAR, T0
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
