"""What is usual at a window (DESIGN section 3), over generated readings and in several zones."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.baseline import KEPT, NO_READING, Baseline, NewLevel
from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.readings import WHOLE
from headroom.domain.usual import band, is_unusual, newest_level, usual_at
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, iso
from tests.builders import T0

NOW = T0 + WINDOW
"""The window that is judged; the readings end with the one before it."""
DAY = 24 * HOUR
ZONES = ["UTC", "Europe/London", "America/New_York", "Australia/Sydney", "Pacific/Chatham"]


def baseline(value: Callable[[Instant], int], weeks: float = 5, until: Instant = T0) -> Baseline:
    """Make the last weeks from a function of the window; `NO_READING` is a hole."""
    first = until - (round(weeks * WEEK / WINDOW) - 1) * WINDOW
    values = array("i", [value(window) for window in range(first, until + 1, WINDOW)])
    return Baseline(first=first, until=until, peaks={WHOLE: values})


def usual(past: Baseline, window: Instant = NOW, hours: Hours = ALWAYS) -> float | None:
    found = usual_at(past, WHOLE, window, hours)
    return found.calls if found else None


@st.composite
def pasts(draw: st.DrawFn) -> Baseline:
    """Five weeks with a few values around the same time of week, with holes."""
    drawn = st.lists(st.just(NO_READING) | st.integers(0, 60), min_size=9, max_size=9)
    weeks = draw(st.lists(drawn, min_size=5, max_size=5))
    near = {
        NOW - week * WEEK + (at - 4) * WINDOW: value
        for week, values in enumerate(weeks, 1)
        for at, value in enumerate(values)
    }
    return baseline(lambda window: near.get(window, 30))


@given(pasts(), st.integers(0, 500), st.sampled_from(ZONES))
def test_usual_never_uses_what_is_newer_than_a_week_less_15_minutes(
    past: Baseline, value: int, zone: str
) -> None:
    """So never the judged window itself. Clocks last changed more than a week ago everywhere."""
    oldest = NOW - WEEK + 3 * WINDOW
    changed = baseline(lambda at: value if at >= oldest else past.reading(WHOLE, at) or NO_READING)
    kept = baseline(lambda at: 1 if at >= oldest else past.reading(WHOLE, at) or NO_READING)
    assert usual(changed, NOW, Hours(zone)) == usual(kept, NOW, Hours(zone))


@given(pasts(), st.lists(st.integers(NO_READING, 900), min_size=5, max_size=5), st.integers(1, 4))
def test_a_week_of_incident_changes_nothing_whatever_was_read_in_it(
    past: Baseline, values: list[int], week: int
) -> None:
    since = NOW - week * WEEK - 3 * DAY
    left_out = {WHOLE: ((since, since + WEEK),)}
    readings = array("i", past.peaks[WHOLE])
    for index in range(len(readings)):
        if since <= past.first + index * WINDOW < since + WEEK:
            readings[index] = values[index % 5]
    incident = replace(past, peaks={WHOLE: readings}, left_out=left_out)
    assert usual(incident) == usual(replace(past, left_out=left_out))


def test_after_clocks_went_forward_a_week_ago_is_an_hour_less() -> None:
    """By local time it still is a week; the judged window is never near."""
    window = int(datetime(2026, 4, 1, 9, 0, tzinfo=UTC).timestamp())
    newest = window - WEEK + HOUR + 2 * WINDOW
    past = baseline(lambda at: 30 if at < newest else 900, until=window)
    assert usual(past, window, Hours("Europe/London")) == 30


def test_usual_is_the_median_of_four_weeks_two_windows_either_side() -> None:
    by_week = {1: 10, 2: 20, 3: 40, 4: 80, 5: 1000}

    def value(window: Instant) -> int:
        week, rest = divmod(NOW - window + 3 * WINDOW, WEEK)
        return by_week.get(week, 0) + rest // WINDOW if rest <= 6 * WINDOW else 999

    weeks = [by_week[week] + 3 + side for week in (1, 2, 3, 4) for side in range(-2, 3)]
    weeks.sort()
    assert usual(baseline(value)) == (weeks[9] + weeks[10]) / 2


@pytest.mark.parametrize(
    ("zone", "changed"),
    [
        ("Europe/London", "2026-03-29"),
        ("Europe/London", "2026-10-25"),
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Australia/Sydney", "2026-04-05"),
        ("Australia/Sydney", "2026-10-04"),
        ("Pacific/Chatham", "2026-04-05"),
        ("Pacific/Chatham", "2026-09-27"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("Asia/Kolkata", "2026-10-04"),
    ],
)
@pytest.mark.parametrize("days", [1, 9, 20, 26])
def test_a_clock_change_does_not_shift_the_week(zone: str, changed: str, days: int) -> None:
    """A line that follows the clock on the wall has it as usual, before and after the change."""
    here = ZoneInfo(zone)

    def clock(window: Instant) -> int:
        local = datetime.fromtimestamp(window, here)
        return (local.hour * 60 + local.minute) // 5

    midnight = int(datetime.fromisoformat(changed).replace(tzinfo=UTC).timestamp())
    day = range(midnight + days * DAY, midnight + (days + 1) * DAY, WINDOW)
    past = baseline(clock, until=day[0] - WINDOW)
    hours = Hours(zone)
    judged = [
        window
        for window in day
        if 4 <= datetime.fromtimestamp(window, here).hour < 23
        # away from midnight, and from the night in which the clocks change
    ]
    assert {iso(w): usual(past, w, hours) for w in judged} == {iso(w): clock(w) for w in judged}


def test_a_week_in_which_the_time_did_not_exist_is_no_week() -> None:
    """At 01:30 on 29 March 2026 London's clocks showed 02:30 already."""
    hours = Hours("Europe/London")
    window = int(datetime(2026, 4, 5, 0, 30, tzinfo=UTC).timestamp())
    found = usual_at(baseline(lambda _: 7, until=window - WINDOW), WHOLE, window, hours)
    assert found is not None
    assert found.weeks == 3


def test_four_weeks_of_zeros_are_no_usual_for_a_line_that_never_had_a_call() -> None:
    assert usual(baseline(lambda _: 0)) is None


def test_zeros_are_usual_on_a_line_that_has_calls_at_other_times() -> None:
    assert usual(baseline(lambda at: 0 if (NOW - at) % WEEK < DAY else 30)) == 0


@pytest.mark.parametrize(("weeks", "known"), [(1 / 7, False), (1.5, False), (2.1, True)])
def test_a_line_is_usual_once_it_has_two_weeks(weeks: float, *, known: bool) -> None:
    """Whether the API leaves out the time before it began, or answers zeros."""
    began = NOW - weeks * WEEK
    assert (usual(baseline(lambda _: 30, weeks)) is not None) is known
    assert (usual(baseline(lambda at: 30 if at >= began else 0)) is not None) is known


def test_an_incident_is_not_when_a_line_began() -> None:
    """Zeros, then a call in what is left out, then zeros: still no line."""
    call = NOW - 3 * WEEK
    past = baseline(lambda at: 5 if at == call else 0)
    assert usual(replace(past, left_out={WHOLE: ((call, call + WINDOW),)})) is None


def test_weeks_of_holes_are_no_weeks() -> None:
    three = baseline(lambda at: NO_READING if at >= NOW - 3 * WEEK - HOUR else 30)
    assert usual(three) is None
    found = usual_at(
        baseline(lambda at: NO_READING if at >= NOW - 2 * WEEK - HOUR else 30), WHOLE, NOW, ALWAYS
    )
    assert found is not None
    assert found.weeks == 2


def test_holidays_do_not_count() -> None:
    monday = NOW - WEEK
    hours = Hours(holidays=frozenset({datetime.fromtimestamp(monday, UTC).date()}))
    past = baseline(lambda at: 900 if abs(at - monday) < DAY else 30)
    found = usual_at(past, WHOLE, NOW, hours)
    assert found is not None
    assert (found.calls, found.weeks) == (30, 3)
    others = Hours(holidays=frozenset({date(2026, 11, 17)}))
    again = usual_at(past, WHOLE, NOW, others)
    assert again is not None
    assert again.weeks == 4


def test_an_unknown_series_has_no_usual() -> None:
    assert usual_at(baseline(lambda _: 30), "v-1", NOW, ALWAYS) is None


def test_a_new_level_scales_the_weeks_before_it_once_it_is_known() -> None:
    since, known = NOW - 10 * DAY, NOW - 6 * DAY
    level = NewLevel(since=since, ratio=1.6, known=known)
    past = baseline(lambda at: 48 if at >= since else 30)
    levelled = replace(past, levels={WHOLE: (level,)})
    assert usual(past) == 30
    assert usual(levelled) == 48
    assert usual(levelled, known - WINDOW) == usual(past, known - WINDOW)
    assert newest_level(levelled, WHOLE, NOW) == level
    assert newest_level(levelled, WHOLE, known - WINDOW) is None


def test_two_new_levels_multiply() -> None:
    levels = tuple(
        NewLevel(since=NOW - days * DAY, ratio=2, known=NOW - (days - 1) * DAY) for days in (4, 2)
    )
    assert usual(replace(baseline(lambda _: 10), levels={WHOLE: levels})) == 40


@given(st.floats(0, 2000), st.booleans())
def test_ordinary_scatter_is_never_unusual(known: float, upper: bool) -> None:  # noqa: FBT001
    """The root of the count, twice, on either side; and one call or two where none is usual."""
    shift = 2 * max(1.0, known**0.5)
    assert not is_unusual(known + shift if upper else known - shift, known, upper=upper)
    assert is_unusual(10 * known + 100 if upper else -100 - known, known, upper=upper)


def test_below_seven_calls_no_reading_is_unusually_low() -> None:
    assert not is_unusual(0, 6, upper=False)
    assert is_unusual(0, 7, upper=False)


def test_far_above_is_wider_than_far_below_on_busy_lines() -> None:
    """Where counts hardly scatter, days still differ."""
    assert band(900, upper=True) / 900 == pytest.approx(0.374, abs=0.001)
    assert band(900, upper=False) / 900 == pytest.approx(0.083, abs=0.001)


def test_a_baseline_that_is_kept_for_a_day_does_not_grow_without_end() -> None:
    past = baseline(lambda _: 30)
    for window in range(NOW, NOW + DAY, WINDOW):
        usual(past, window)
    assert len(past.memo) < KEPT // 50
    assert past == baseline(lambda _: 30)  # what it remembers is no difference
