"""The simulated day: what an honest API must promise of its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.windows import WEEK, WINDOW, window_of
from headroom_cli.simulator.lines import DAY, HOUR, MINUTE, Calls, Course, Filter, Line, Part

MONDAY = 1795392000  # 2026-11-23T00:00:00Z
SPANISH = Filter(language="es-ES")
PARTS = (
    Part(0.6, "v-a", "Main", "en-GB"),
    Part(0.3, "v-b", "Test", "en-GB"),
    Part(0.1, "v-a", "Main", "es-ES"),
)
minutes_of_day = st.integers(0, DAY // MINUTE - 1).map(lambda m: MONDAY + m * MINUTE)


def line(*courses: Course) -> Line:
    return Line(("acme",), ("support",), night=6, peak=80, parts=PARTS, courses=courses)


@given(minutes_of_day, st.integers(0, 99))
def test_an_open_window_only_grows_and_is_final_at_its_end(moment: int, seed: int) -> None:
    window = window_of(moment)
    seen = [
        Calls(line(), seed).peak(window, now) for now in range(window, window + 2 * WINDOW, MINUTE)
    ]
    assert None not in seen
    assert seen == sorted(seen, key=lambda peak: peak or 0)
    assert len(set(seen[4:])) == 1


def test_an_open_window_holds_only_the_calls_that_have_arrived() -> None:
    rising = Course(((MONDAY, 0), (MONDAY + HOUR, 1200)))
    calls = Calls(line(rising))
    seen = [calls.peak(MONDAY, MONDAY + second) for second in (0, 60, 119, 120, 299)]
    assert seen[0] == 0
    assert seen[1] == seen[2]
    assert len(set(seen)) == 4


@given(minutes_of_day, minutes_of_day)
def test_a_window_is_the_same_whatever_was_asked_before(moment: int, other: int) -> None:
    asked = Calls(line())
    asked.peak(window_of(other), other)
    asked.peak(window_of(moment), moment, SPANISH)
    assert asked.peak(window_of(moment), moment) == Calls(line()).peak(window_of(moment), moment)


def test_a_window_that_has_not_begun_has_no_reading() -> None:
    assert Calls(line()).peak(MONDAY + WINDOW, MONDAY) is None


@given(minutes_of_day)
def test_parts_never_peak_above_the_whole_nor_below_it_together(moment: int) -> None:
    calls, window = Calls(line()), window_of(moment)
    whole = calls.peak(window, moment)
    parts = [calls.peak(window, moment, Filter(variant_id=key)) for key in ("v-a", "v-b")]
    assert whole is not None
    assert max(part or 0 for part in parts) <= whole <= sum(part or 0 for part in parts)


def test_a_working_day_is_busy_and_its_night_and_weekend_are_not() -> None:
    calls = Calls(line())
    noon = calls.peak(MONDAY + 11 * HOUR, MONDAY + DAY)
    night = calls.peak(MONDAY + 3 * HOUR, MONDAY + DAY)
    sunday = calls.peak(MONDAY - 13 * HOUR, MONDAY + DAY)
    assert noon is not None
    assert noon > 70
    assert night is not None
    assert night < 15
    assert sunday is not None
    assert sunday < 0.6 * noon


def test_ordinary_weeks_are_alike_and_their_days_differ() -> None:
    calls = Calls(replace(line(), days=0.1))
    noons = [calls.peak(MONDAY - week * WEEK + 11 * HOUR, MONDAY) or 0 for week in range(1, 6)]
    assert all(60 < noon < 115 for noon in noons)
    assert max(noons) - min(noons) > 8
    assert noons[1] == Calls(replace(line(), days=0.1)).peak(MONDAY - 2 * WEEK + 11 * HOUR, MONDAY)


def test_a_day_that_differs_leaves_courses_as_they_are() -> None:
    start = MONDAY + 11 * HOUR
    steady = Course(((start, 50), (start + HOUR, 50)))
    window = start + WINDOW
    peaks = {
        Calls(replace(line(steady), days=days, noise=0)).peak(window, window + WINDOW)
        for days in (0.0, 0.5)
    }
    assert peaks == {50}


@pytest.mark.parametrize(("minute", "low", "high"), [(0, 60, 90), (30, 95, 125), (61, 60, 90)])
def test_a_course_replaces_the_usual_calls_from_its_first_point_to_its_last(
    minute: int, low: int, high: int
) -> None:
    start = MONDAY + 11 * HOUR
    surge = Course(((start + 20 * MINUTE, 110), (start + HOUR, 110)))
    window = window_of(start + minute * MINUTE)
    peak = Calls(line(surge)).peak(window, window + WINDOW)
    assert peak is not None
    assert low <= peak <= high


def test_a_course_of_one_language_leaves_the_others_alone() -> None:
    start = MONDAY + 11 * HOUR
    gone = Course(((start, 0), (start + HOUR, 0)), SPANISH)
    calls, plain = Calls(line(gone)), Calls(line())
    english = Filter(language="en-GB")
    assert calls.peak(start, start + WINDOW, SPANISH) == 0
    assert calls.peak(start, start + WINDOW, english) == plain.peak(start, start + WINDOW, english)
