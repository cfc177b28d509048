"""A lasting new level becomes usual; an outage never does."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from headroom.domain.baseline import Baseline
from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.new_level import new_level, with_new_levels
from headroom.domain.readings import WHOLE
from headroom.domain.usual import usual_at
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant
from tests.builders import T0

DAY = 24 * HOUR
CHANGED = T0


def line(factor: Callable[[int], float], hours: float, until_before: Instant = 0) -> Baseline:
    """A line with 20 to 50 calls that was multiplied so many hours ago; `factor` by the hour."""
    last = CHANGED + round(hours * HOUR) - WINDOW - until_before
    first = last - 5 * WEEK + WINDOW

    def calls(window: Instant) -> int:
        ordinary = 20 + 30 * (window % DAY) // DAY
        return round(ordinary * (factor((window - CHANGED) // HOUR) if window >= CHANGED else 1))

    values = array("h", [calls(window) for window in range(first, last + 1, WINDOW)])
    return Baseline(first=first, until=last, peaks={WHOLE: values})


@pytest.mark.parametrize("ratio", [0.4, 0.6, 1.6, 3.0])
def test_a_steady_change_is_found_after_three_days(ratio: float) -> None:
    assert new_level(line(lambda _: ratio, 60), WHOLE, ALWAYS) is None
    found = new_level(line(lambda _: ratio, 72), WHOLE, ALWAYS)
    assert found is not None
    assert found.ratio == pytest.approx(ratio, abs=0.02)
    assert (found.since, found.known) == (CHANGED, CHANGED + 74 * HOUR)


def test_it_began_when_it_did_even_if_no_baseline_was_made_for_days() -> None:
    found = new_level(line(lambda _: 1.6, 130), WHOLE, ALWAYS)
    assert found is not None
    assert abs(found.since - CHANGED) <= 12 * HOUR


@pytest.mark.parametrize("left", [0.0, 0.1, 0.2])
@pytest.mark.parametrize("days", [1, 2, 3, 4, 5, 6])
def test_an_outage_is_no_level_however_long(left: float, days: int) -> None:
    for hours in range(0, 24, 5):
        assert new_level(line(lambda _: left, 24 * days + hours), WHOLE, ALWAYS) is None


@pytest.mark.parametrize("days", [1, 2])
def test_two_days_of_half_the_calls_are_no_level_then_nor_later(days: int) -> None:
    for hours in range(0, 8 * 24, 7):
        past = line(lambda hour: 0.5 if hour < 24 * days else 1, 24 * days + hours)
        assert new_level(past, WHOLE, ALWAYS) is None


def test_nights_only_are_no_level() -> None:
    assert new_level(line(lambda hour: 0.5 if hour % 24 < 12 else 1, 96), WHOLE, ALWAYS) is None


@pytest.mark.parametrize("days", [(1.3, 3.0, 1.3), (1.5, 1.5, 2.8), (0.7, 0.7, 0.4)])
def test_days_that_differ_from_each_other_are_no_level(days: tuple[float, ...]) -> None:
    assert new_level(line(lambda hour: days[min(2, hour // 24)], 72), WHOLE, ALWAYS) is None


def test_small_changes_are_left_to_the_median() -> None:
    assert new_level(line(lambda _: 1.25, 96), WHOLE, ALWAYS) is None
    assert new_level(line(lambda _: 0.8, 96), WHOLE, ALWAYS) is None


def test_holidays_are_no_level() -> None:
    """Four quiet days that are holidays, and the day after."""
    dates = frozenset(
        datetime.fromtimestamp(CHANGED + day * DAY, UTC).date() for day in range(-1, 5)
    )
    past = line(lambda _: 0.5, 100)
    assert new_level(past, WHOLE, ALWAYS) is not None
    assert new_level(past, WHOLE, Hours(holidays=dates)) is None


def test_a_quiet_line_shows_no_level() -> None:
    """Below two calls a multiple says nothing."""
    last = CHANGED + 96 * HOUR
    first = last - 5 * WEEK + WINDOW
    values = [3 if window >= CHANGED else 1 for window in range(first, last + 1, WINDOW)]
    past = Baseline(first=first, until=last, peaks={WHOLE: array("h", values)})
    assert new_level(past, WHOLE, ALWAYS) is None


def test_a_new_level_is_found_once_and_is_usual_from_then_on() -> None:
    made = with_new_levels(line(lambda _: 1.6, 72), ALWAYS)
    assert [each.ratio for each in made.levels[WHOLE]] == [pytest.approx(1.6, abs=0.02)]
    assert with_new_levels(made, ALWAYS) == made
    later = line(lambda _: 1.6, 150)
    again = Baseline(first=later.first, until=later.until, peaks=later.peaks, levels=made.levels)
    assert with_new_levels(again, ALWAYS) == again
    window = made.until + WINDOW + 2 * HOUR
    before, after = (
        usual_at(line(lambda _: 1.6, 72), WHOLE, window, ALWAYS),
        usual_at(made, WHOLE, window, ALWAYS),
    )
    assert before is not None
    assert after is not None
    assert after.calls == pytest.approx(1.6 * before.calls, rel=0.02)


def test_a_line_that_goes_back_has_another_new_level() -> None:
    made = with_new_levels(line(lambda _: 1.6, 72), ALWAYS)
    later = line(lambda hour: 1.6 if hour < 96 else 1, 96 + 72)
    back = Baseline(first=later.first, until=later.until, peaks=later.peaks, levels=made.levels)
    found = with_new_levels(back, ALWAYS).levels[WHOLE]
    assert [round(each.ratio, 1) for each in found] == [1.6, 0.6]
    window = back.until + WINDOW + 2 * HOUR
    usual = usual_at(with_new_levels(back, ALWAYS), WHOLE, window, ALWAYS)
    ordinary = 20 + 30 * (window % DAY) // DAY
    assert usual is not None
    assert usual.calls == pytest.approx(ordinary, rel=0.05)
