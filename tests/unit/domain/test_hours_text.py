"""The grammar of hours and holidays."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.conditions import NotUnderstood
from headroom.domain.hours_text import holiday, hours

ALL = frozenset(range(7))
HOUR = 3600


@pytest.mark.parametrize(
    ("text", "days", "begin", "end"),
    [
        ("Mon-Fri 08:00-20:00", {0, 1, 2, 3, 4}, 8, 20),
        ("Sat,Sun 10:00-16:00", {5, 6}, 10, 16),
        ("Mon-Wed,Fri 10:00-16:00", {0, 1, 2, 4}, 10, 16),
        ("Sat-Mon 10:00-16:00", {5, 6, 0}, 10, 16),
        ("22:00-06:00", ALL, 22, 6),
        ("00:00-24:00", ALL, 0, 24),
        ("  8:00 -\n 9:00 ", ALL, 8, 9),
    ],
)
def test_hours_are_read_as_they_are_written(
    text: str, days: set[int], begin: int, end: int
) -> None:
    read = hours(text)
    assert (read.days, read.begin, read.end) == (frozenset(days), begin * HOUR, end * HOUR)
    assert read.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 1, "expected hours such as 08:00-20:00 or Mon-Fri 08:00-20:00, found the end"),
        ("25:00-26:00", 1, "expected 00:00 to 24:00, found 25:00"),
        ("08:00-24:05", 7, "expected 00:00 to 24:00, found 24:05"),
        ("08:60-09:00", 1, "expected 00:00 to 24:00, found 08:60"),
        ("08:03-09:00", 1, "a window has 5 minutes: write 08:00 or 08:05"),
        ("08:00-23:59", 7, "a window has 5 minutes: write 23:55 or 24:00"),
        ("08:00-08:00", 1, "these hours are empty: for a whole day write 00:00-24:00"),
        ("00:00-00:00", 1, "these hours are empty: for a whole day write 00:00-24:00"),
        ("24:00-08:00", 1, "hours begin before 24:00: write 00:00"),
        ("8am-5pm", 1, "expected hours such as 08:00-20:00"),
        ("08:00", 6, 'expected "-" and a second time, as in 08:00-20:00, found the end'),
        ("08:00-20:00 Mon-Fri", 13, "expected the end, found 'M'"),
        ("08:00-12:00, 13:00-17:00", 14, "write several as a list, such as"),
        ("Mon-Sun 08:00-20:00", 1, "for every day leave the days out, as in 08:00-20:00"),
        ("Mon-Fri,Sat,Sun 08:00-20:00", 1, "for every day leave the days out"),
        ("Mon-Fri", 8, "expected a time such as 08:00 (in a list, days with commas need quotes)"),
        ("Mon-Fri,Wed 08:00-20:00", 9, "Wed is given twice"),
        ("Mon-Mon 08:00-20:00", 1, "from a day to itself: write Mon"),
        ("Monday 08:00-20:00", 1, "write Mon"),
        ("MON-FRI 08:00-20:00", 1, "write Mon"),
        ("Mon- 08:00-20:00", 6, "expected a day, one of Mon Tue Wed Thu Fri Sat Sun"),
        ("weekdays 08:00-20:00", 1, "expected a day, one of Mon Tue Wed Thu Fri Sat Sun"),
        ("Mon-Fri 08:00-20:00:00", 15, "expected a time such as 08:00"),
    ],
)
def test_what_is_no_hours_is_refused_at_its_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        hours(text)
    assert (refused.value.text, refused.value.position) == (text, position)
    assert problem in str(refused.value)


def test_a_holiday_is_a_date_some_dates_or_a_calendar() -> None:
    assert holiday("2026-12-24").dates == {date(2026, 12, 24)}
    assert holiday(" 2026-12-31 to 2027-01-02 ").dates == {
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
    }
    assert (holiday("GB-ENG").calendar, holiday("US").calendar) == ("GB-ENG", "US")


@pytest.mark.parametrize(
    ("text", "position", "problem"),
    [
        ("", 1, "expected a date such as 2026-12-24, or a calendar such as GB-ENG"),
        ("2026-02-30", 1, "there is no 2026-02-30 in the calendar: the last day of that month is"),
        ("2026-02-30", 1, "2026-02-28"),
        ("2026-13-01", 1, "there is no 2026-13-01 in the calendar"),
        ("0000-01-01", 1, "there is no 0000-01-01 in the calendar"),
        ("24.12.2026", 1, "expected a date such as 2026-12-24"),
        ("2026-12-24 2026-12-25", 12, 'expected "to" and another date, or the end'),
        ("2026-12-24 to 2026-12-24", 15, "expected a day after 2026-12-24 and within a year"),
        ("2026-12-24 to 2028-01-01", 15, "expected a day after 2026-12-24 and within a year"),
        ("GB ENG", 1, "or a calendar such as GB-ENG"),
    ],
)
def test_what_is_no_holiday_is_refused_at_its_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        holiday(text)
    assert (refused.value.text, refused.value.position) == (text, position)
    assert problem in str(refused.value)


@pytest.mark.parametrize("parse", [hours, holiday])
@given(text=st.text(alphabet="MonFriSat,-:0123456789 to", max_size=30))
def test_any_text_is_read_or_refused_with_a_place_in_it(parse: object, text: str) -> None:
    assert callable(parse)
    try:
        parse(text)
    except NotUnderstood as refused:
        place = refused.position
    else:
        place = 1
    assert 1 <= place <= len(text) + 1
