"""The trend of the last six windows (DESIGN section 3, `within`)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.trend import LENGTH, forecast, is_above_usual

AHEAD = 6
READINGS = st.lists(st.integers(0, 500), min_size=LENGTH, max_size=LENGTH)


def test_a_straight_line_leads_on_and_has_no_error() -> None:
    trend = forecast([40, 44, 48, 52, 56, 60], AHEAD)
    assert trend is not None
    assert (trend.level, trend.slope, trend.scatter) == (60, 4, 0)
    assert trend.reaches(84)
    assert not trend.reaches(85)
    assert trend.band(84) == (30, 30)
    assert trend.band(70) == (15, 15)


def test_one_odd_reading_does_not_turn_a_trend() -> None:
    """Least squares would make 70 a call: the slope of the others is what counts."""
    straight = forecast([40, 44, 48, 52, 56, 60], AHEAD)
    odd = forecast([40, 44, 48, 52, 56, 140], AHEAD)
    assert straight is not None
    assert odd is not None
    assert odd.slope == pytest.approx(straight.slope, rel=0.25)
    assert not odd.reaches(140)


@pytest.mark.parametrize("values", [[], [90], [90, 95, 100, 105, 110]])
def test_fewer_than_six_windows_are_no_trend(values: list[int]) -> None:
    assert forecast(values, AHEAD) is None


def test_only_the_last_six_windows_count() -> None:
    assert forecast([500, 0, *range(6)], AHEAD) == forecast([*range(6)], AHEAD)


@given(READINGS, st.integers(2, 24))
def test_a_line_that_does_not_rise_reaches_nothing_above_it(values: list[int], ahead: int) -> None:
    falling = forecast(sorted(values, reverse=True), ahead)
    assert falling is not None
    assert not falling.reaches(max(values) + 1)


@given(READINGS, st.integers(2, 24), st.integers(0, 900))
def test_what_is_reached_lies_in_the_band_and_in_time(
    values: list[int], ahead: int, threshold: int
) -> None:
    trend = forecast(values, ahead)
    assert trend is not None
    if trend.reaches(threshold):
        early, late = trend.band(threshold)
        assert 0 <= early <= late <= 5 * ahead
        assert trend.value(late // 5) >= threshold
        assert trend.reaches(threshold - 1)


@given(st.integers(1, 9), st.integers(2, 24))
def test_scatter_makes_a_forecast_less_sure(more: int, ahead: int) -> None:
    """The same trend with readings that lie further from it has a larger error."""
    base = [10 * at for at in range(LENGTH)]
    calm = forecast(
        [at + more * sign for at, sign in zip(base, (1, -1, 0, 0, -1, 1), strict=True)], ahead
    )
    wild = forecast(
        [at + 3 * more * sign for at, sign in zip(base, (1, -1, 0, 0, -1, 1), strict=True)], ahead
    )
    assert calm is not None
    assert wild is not None
    assert wild.error(ahead) > calm.error(ahead) > calm.error(1)


def test_the_error_is_that_of_a_fitted_line() -> None:
    """Residuals 1, -1, -1, 1 and two on the line: sqrt(4 / (6 - 2)) * sqrt(1/6 + 8.5^2 / 17.5)."""
    trend = forecast([1, 9, 20, 30, 39, 51], AHEAD)
    assert trend is not None
    assert (trend.slope, trend.scatter) == (10, 1)
    assert trend.error(AHEAD) == pytest.approx((1 / 6 + 8.5**2 / 17.5) ** 0.5)


@pytest.mark.parametrize(
    ("last", "usual", "above"),
    [
        ((60, 60), (36, 36), True),  # 15 are 2.5 standard deviations
        ((60, 50), (36, 36), False),
        ((50, 60), (36, 36), False),
        ((51, 51), (36, 36), True),
        ((0, 1), (None, None), True),
        ((60, 1), (36, None), True),
        ((2, 2), (0, 0), False),
        ((3, 3), (0, 0), True),
    ],
)
def test_both_of_the_last_readings_lie_clearly_above_usual(
    last: tuple[int, int], usual: tuple[float | None, float | None], *, above: bool
) -> None:
    assert is_above_usual([0, 0, 0, 0, *last], [99, 99, 99, 99, *usual]) is above
