"""Hours: a case table of zones, clock changes, nights and holidays; and what holds for all."""

from __future__ import annotations

from datetime import date, datetime
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.hours import ALWAYS, Hours, overlap
from headroom.domain.hours_text import holiday, hours
from headroom.domain.windows import HOUR, WINDOW, instant, span
from headroom.domain.zones import names, offset

NEW_YORK, LONDON, KOLKATA = "America/New_York", "Europe/London", "Asia/Kolkata"
SYDNEY, CHATHAM, CASABLANCA = "Australia/Sydney", "Pacific/Chatham", "Africa/Casablanca"
LORD_HOWE = "Australia/Lord_Howe"
ZONES = (NEW_YORK, LONDON, KOLKATA, SYDNEY, CHATHAM, CASABLANCA, LORD_HOWE)

OFFICE, NIGHT, WEEKEND = "Mon-Fri 08:00-20:00", "22:00-06:00", "Sat,Sun 10:00-16:00"
IN, OUT = True, False


def local(zone: str, at: int) -> datetime:
    """The slow way, from the same edition: the machine's own may be an older one."""
    with resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        return datetime.fromtimestamp(at, ZoneInfo.from_file(file))


def of(zone: str, ranges: str, holidays: str = "") -> Hours:
    dates = [holiday(each).dates for each in holidays.split(";") if each]
    made = tuple(hours(each) for each in ranges.split(";") if each)
    return Hours(zone, made, frozenset().union(*dates))


@pytest.mark.parametrize(
    ("zone", "ranges", "holidays", "window", "active"),
    [
        # Both ends of a range, in winter and in summer.
        (LONDON, OFFICE, "", "2026-11-30T07:55:00Z", OUT),  # Mon 07:55 GMT
        (LONDON, OFFICE, "", "2026-11-30T08:00:00Z", IN),
        (LONDON, OFFICE, "", "2026-11-30T19:55:00Z", IN),
        (LONDON, OFFICE, "", "2026-11-30T20:00:00Z", OUT),
        (LONDON, OFFICE, "", "2026-07-06T06:55:00Z", OUT),  # Mon 07:55 BST
        (LONDON, OFFICE, "", "2026-07-06T07:00:00Z", IN),
        (LONDON, OFFICE, "", "2026-07-06T19:00:00Z", OUT),
        (NEW_YORK, OFFICE, "", "2026-11-30T12:55:00Z", OUT),  # Mon 07:55 EST
        (NEW_YORK, OFFICE, "", "2026-11-30T13:00:00Z", IN),
        (NEW_YORK, OFFICE, "", "2026-07-06T12:00:00Z", IN),  # Mon 08:00 EDT
        # The local day of the week counts, not that of UTC.
        (NEW_YORK, OFFICE, "", "2026-12-01T00:55:00Z", IN),  # Mon 19:55, Tuesday in UTC
        (NEW_YORK, "Sun 20:00-24:00", "", "2026-11-30T03:00:00Z", IN),  # Sun 22:00
        (SYDNEY, OFFICE, "", "2026-11-29T21:00:00Z", IN),  # Mon 08:00 AEDT, Sunday in UTC
        (SYDNEY, OFFICE, "", "2026-11-27T09:00:00Z", OUT),  # Fri 20:00 AEDT
        (SYDNEY, WEEKEND, "", "2026-11-29T04:55:00Z", IN),  # Sun 15:55 AEDT
        # Southern summers.
        (SYDNEY, OFFICE, "", "2026-07-05T22:00:00Z", IN),  # Mon 08:00 AEST
        (SYDNEY, OFFICE, "", "2026-07-05T21:00:00Z", OUT),  # Mon 07:00 AEST
        (CHATHAM, OFFICE, "", "2026-07-05T19:15:00Z", IN),  # Mon 08:00 +1245
        (CHATHAM, OFFICE, "", "2026-07-05T19:10:00Z", OUT),
        (CHATHAM, OFFICE, "", "2026-12-06T18:15:00Z", IN),  # Mon 08:00 +1345
        (CHATHAM, OFFICE, "", "2026-12-06T18:10:00Z", OUT),
        # Offsets of half an hour.
        (KOLKATA, OFFICE, "", "2026-11-30T02:25:00Z", OUT),  # Mon 07:55 +0530
        (KOLKATA, OFFICE, "", "2026-11-30T02:30:00Z", IN),
        (KOLKATA, "Mon-Fri 09:30-18:15", "", "2026-11-30T12:40:00Z", IN),  # Mon 18:10
        (KOLKATA, "Mon-Fri 09:30-18:15", "", "2026-11-30T12:45:00Z", OUT),
        # Several ranges, and days of the week.
        (LONDON, f"{OFFICE};{WEEKEND}", "", "2026-11-28T10:00:00Z", IN),  # Sat
        (LONDON, f"{OFFICE};{WEEKEND}", "", "2026-11-28T09:00:00Z", OUT),
        (LONDON, "08:00-12:00;13:00-17:00", "", "2026-11-28T12:30:00Z", OUT),
        (LONDON, "08:00-12:00;12:00-17:00", "", "2026-11-28T12:00:00Z", IN),  # ranges that touch
        (LONDON, "Fri-Mon 08:00-20:00", "", "2026-11-29T10:00:00Z", IN),  # Sun
        (LONDON, "Fri-Mon 08:00-20:00", "", "2026-12-02T10:00:00Z", OUT),  # Wed
        # Across midnight: a night belongs to the day that it begins on.
        (LONDON, NIGHT, "", "2026-11-30T05:55:00Z", IN),
        (LONDON, NIGHT, "", "2026-11-30T06:00:00Z", OUT),
        (LONDON, NIGHT, "", "2026-11-30T22:00:00Z", IN),
        (LONDON, "Fri 22:00-06:00", "", "2026-11-28T05:00:00Z", IN),  # Sat, from Friday
        (LONDON, "Fri 22:00-06:00", "", "2026-11-27T05:00:00Z", OUT),  # Fri, from Thursday
        (LONDON, "Sun 22:00-06:00", "", "2026-11-30T05:55:00Z", IN),  # from one week to the next
        (LONDON, "Mon 00:00-24:00", "", "2026-11-30T23:55:00Z", IN),
        (LONDON, "Mon 00:00-24:00", "", "2026-12-01T00:00:00Z", OUT),
        (LONDON, "Mon 08:00-07:00", "", "2026-12-01T06:55:00Z", IN),  # 23 hours
        # Clocks go forward: an hour does not exist.
        (LONDON, "Sun 01:00-02:00", "", "2026-03-29T00:55:00Z", OUT),  # 00:55 GMT
        (LONDON, "Sun 01:00-02:00", "", "2026-03-29T01:00:00Z", OUT),  # 02:00 BST
        (LONDON, "Sun 01:30-04:00", "", "2026-03-29T01:00:00Z", IN),  # begins at 02:00 BST
        (NEW_YORK, "Sun 02:30-03:30", "", "2026-03-08T07:00:00Z", IN),  # 03:00 EDT
        (NEW_YORK, "Sun 02:30-03:30", "", "2026-03-08T07:30:00Z", OUT),
        (SYDNEY, "Sun 02:00-03:00", "", "2026-10-03T16:00:00Z", OUT),  # 03:00 AEDT
        (CHATHAM, "Sun 03:00-03:45", "", "2026-09-26T14:00:00Z", OUT),  # 02:45 becomes 03:45
        (CHATHAM, "Sun 02:00-03:45", "", "2026-09-26T13:55:00Z", IN),  # 02:40
        (LONDON, "Sat 22:00-06:00", "", "2026-03-29T04:55:00Z", IN),  # a night of seven hours
        (LONDON, "Sat 22:00-06:00", "", "2026-03-29T05:00:00Z", OUT),
        # Clocks go back: an hour happens twice, and is active twice.
        (LONDON, "Sun 01:00-02:00", "", "2026-10-25T00:30:00Z", IN),  # 01:30 BST
        (LONDON, "Sun 01:00-02:00", "", "2026-10-25T01:30:00Z", IN),  # 01:30 GMT
        (LONDON, "Sun 01:00-02:00", "", "2026-10-25T02:00:00Z", OUT),
        (LONDON, "Sun 00:00-01:30", "", "2026-10-25T00:30:00Z", OUT),  # 01:30 BST
        (LONDON, "Sun 00:00-01:30", "", "2026-10-25T01:00:00Z", IN),  # 01:00 GMT, once more
        (NEW_YORK, "Sun 01:00-02:00", "", "2026-11-01T05:55:00Z", IN),  # 01:55 EDT
        (NEW_YORK, "Sun 01:00-02:00", "", "2026-11-01T06:55:00Z", IN),  # 01:55 EST
        (NEW_YORK, "Sun 01:00-02:00", "", "2026-11-01T07:00:00Z", OUT),
        (SYDNEY, "Sun 02:00-03:00", "", "2026-04-04T15:00:00Z", IN),  # 02:00 AEDT
        (SYDNEY, "Sun 02:00-03:00", "", "2026-04-04T16:55:00Z", IN),  # 02:55 AEST
        (CHATHAM, "Sun 02:45-03:45", "", "2026-04-04T13:00:00Z", IN),  # 02:45 +1345
        (CHATHAM, "Sun 02:45-03:45", "", "2026-04-04T14:55:00Z", IN),  # 03:40 +1245
        (CHATHAM, "Sun 02:45-03:45", "", "2026-04-04T15:00:00Z", OUT),
        # Clocks go forward by half an hour, at 02:00, which is half past an hour of UTC.
        (LORD_HOWE, "Sun 02:30-03:00", "", "2026-10-03T15:30:00Z", IN),  # 02:30 +11
        (LORD_HOWE, "Sun 02:00-02:30", "", "2026-10-03T15:30:00Z", OUT),
        # Ramadan: Morocco goes from +01 to +00 for its month.
        (CASABLANCA, OFFICE, "", "2026-02-13T07:00:00Z", IN),  # Fri 08:00 +01
        (CASABLANCA, OFFICE, "", "2026-02-16T07:00:00Z", OUT),  # Mon 07:00 +00
        (CASABLANCA, OFFICE, "", "2026-02-16T08:00:00Z", IN),
        (CASABLANCA, OFFICE, "", "2026-03-23T07:00:00Z", IN),  # Mon 08:00 +01 again
        (CASABLANCA, "Sun 02:00-03:00", "", "2026-02-15T01:30:00Z", IN),  # 02:30 +01
        (CASABLANCA, "Sun 02:00-03:00", "", "2026-02-15T02:30:00Z", IN),  # 02:30 +00
        (CASABLANCA, "Sun 02:00-03:00", "", "2026-03-22T02:00:00Z", OUT),  # 03:00 +01
        (CASABLANCA, OFFICE, "", "2026-09-18T07:00:00Z", IN),  # Fri 08:00 +01
        (CASABLANCA, OFFICE, "", "2026-09-21T07:00:00Z", OUT),  # Mon 07:00 +00, now for good
        # Holidays are local dates; without ranges the day is inactive as a whole.
        (LONDON, OFFICE, "2026-12-25", "2026-12-25T10:00:00Z", OUT),  # Fri
        (LONDON, OFFICE, "2026-12-24 to 2027-01-01", "2026-12-31T10:00:00Z", OUT),  # Thu
        (LONDON, OFFICE, "2026-12-24 to 2027-01-01", "2027-01-04T10:00:00Z", IN),  # Mon
        (LONDON, "", "2026-12-25", "2026-12-24T23:55:00Z", IN),
        (LONDON, "", "2026-12-25", "2026-12-25T23:55:00Z", OUT),
        (SYDNEY, "", "2026-12-25", "2026-12-24T13:00:00Z", OUT),  # 25 Dec, 00:00 AEDT
        (SYDNEY, "", "2026-12-25", "2026-12-25T13:00:00Z", IN),  # 26 Dec, 00:00 AEDT
        # The night that begins on a holiday is inactive; one that began before it goes on.
        (LONDON, NIGHT, "2026-12-25", "2026-12-25T05:00:00Z", IN),
        (LONDON, NIGHT, "2026-12-25", "2026-12-25T22:00:00Z", OUT),
        (LONDON, NIGHT, "2026-12-25", "2026-12-26T05:00:00Z", OUT),
        (LONDON, NIGHT, "2026-12-25", "2026-12-26T22:00:00Z", IN),
    ],
)
def test_a_window_is_active_by_the_local_time_of_its_start(
    *, zone: str, ranges: str, holidays: str, window: str, active: bool
) -> None:
    assert of(zone, ranges, holidays).active(instant(window)) is active


def test_always_is_every_window() -> None:
    week = span(instant("2026-11-30T00:00:00Z"), instant("2026-12-06T23:55:00Z"))
    assert all(map(ALWAYS.active, week))
    assert not any(map(ALWAYS.is_holiday, week))


def test_a_holiday_is_the_local_date_whatever_is_active() -> None:
    found = of(SYDNEY, NIGHT, "2026-12-25")
    day = span(instant("2026-12-24T13:00:00Z"), instant("2026-12-25T12:55:00Z"))
    assert all(map(found.is_holiday, day))
    assert not found.is_holiday(day[0] - WINDOW)
    assert not found.is_holiday(day[-1] + WINDOW)


@pytest.mark.parametrize(
    ("ranges", "lasts"),
    [("Sat 22:00-06:00", 7), ("Sun 00:00-24:00", 23), ("Sun 01:00-02:00", 0)],
)
def test_where_clocks_go_forward_hours_are_shorter(ranges: str, lasts: int) -> None:
    week = span(instant("2026-03-28T12:00:00Z"), instant("2026-03-30T11:55:00Z"))
    assert sum(map(of(LONDON, ranges).active, week)) * WINDOW == lasts * HOUR


@pytest.mark.parametrize(
    ("ranges", "lasts"),
    [("Sat 22:00-06:00", 9), ("Sun 00:00-24:00", 25), ("Sun 01:00-02:00", 2)],
)
def test_where_clocks_go_back_hours_are_longer(ranges: str, lasts: int) -> None:
    week = span(instant("2026-10-24T12:00:00Z"), instant("2026-10-26T11:55:00Z"))
    assert sum(map(of(LONDON, ranges).active, week)) * WINDOW == lasts * HOUR


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("Mon-Fri 08:00-12:00", "Fri-Sun 11:55-13:00", True),
        ("Mon-Fri 08:00-12:00", "12:00-13:00", False),
        ("Mon-Fri 08:00-12:00", "Sat,Sun 08:00-12:00", False),
        ("Sun 22:00-06:00", "Mon 05:00-08:00", True),  # from one week to the next
        ("Fri 22:00-06:00", "Sat 06:00-22:00", False),
        ("08:00-08:05", "08:00-08:05", True),
    ],
)
def test_ranges_overlap_where_they_have_a_window_in_common(
    *, one: str, other: str, common: bool
) -> None:
    ranges = hours(one), hours(other)
    assert overlap(ranges) == (ranges if common else None)


INSTANTS = st.integers(
    instant("2020-01-01T00:00:00Z") // 300, instant("2037-12-31T00:00:00Z") // 300
)


@given(st.sampled_from(ZONES), INSTANTS)
def test_the_cached_offset_is_that_of_the_zone_at_every_window(zone: str, number: int) -> None:
    at = number * WINDOW
    known = local(zone, at).utcoffset()
    assert known is not None
    assert offset(zone, at) == known.total_seconds()


TIMES = st.integers(0, 287)


@given(
    zone=st.sampled_from(ZONES),
    number=INSTANTS,
    days=st.sets(st.integers(0, 6), min_size=1, max_size=6),
    begin=TIMES,
    end=TIMES,
    holiday=st.booleans(),
)
def test_a_range_says_what_its_text_says(
    *, zone: str, number: int, days: set[int], begin: int, end: int, holiday: bool
) -> None:
    """Against a slow reading: the beginning of each day's range, and how long it lasts."""
    if begin == end:
        return
    week = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    times = (f"{n * 5 // 60:02}:{n * 5 % 60:02}" for n in (begin, end))
    text = f"{','.join(week[day] for day in days)} {'-'.join(times)}"
    at = number * WINDOW
    clock = local(zone, at)
    today, slot = clock.date(), (clock.hour * 60 + clock.minute) // 5
    yesterday = date.fromordinal(today.toordinal() - 1)
    made = Hours(zone, (hours(text),), frozenset([today] if holiday else []))
    inside = today.weekday() in days and begin <= slot < (end if end > begin else 288)
    night = end < begin and yesterday.weekday() in days and slot < end
    assert made.active(at) == ((inside and not holiday) or night)


def test_zones_are_those_of_the_package() -> None:
    assert set(ZONES) | {"UTC"} <= names()
    assert "localtime" not in names()
