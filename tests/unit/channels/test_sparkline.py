"""The sparkline shows how full it was, and what is not known."""

from __future__ import annotations

import pytest
from hypothesis import given

from headroom.channels.message import BARS, chart, legend, sparkline, threshold_line
from headroom.domain.notices import Notice
from tests.builders import notice, readings
from tests.unit.channels.cases import notices


def test_the_lowest_bar_is_nothing_and_the_highest_the_limit() -> None:
    made = notice(limit=100, readings=readings((0, 1, 99, 100, 150)))
    assert sparkline(made) == "▁▂▇██"
    assert chart(made).splitlines()[0] == "▁▂▇██  0 to 100 calls"


def test_without_a_limit_the_highest_reading_is_the_top() -> None:
    made = notice(limit=None, readings=readings((0, 7, 14)))
    assert sparkline(made) == "▁▄█"
    assert chart(made).splitlines()[0] == "▁▄█  0 to 14 calls"


def test_missing_and_open_windows_are_marked_and_explained() -> None:
    made = notice(limit=100, readings=readings((50, None, 50, None), still_open=2))
    assert sparkline(made) == "▄·[▄·]"
    assert legend(made).endswith("right; · no reading; [ ] still counting")


def test_nothing_is_drawn_when_nothing_is_known() -> None:
    for values in ((), (None, None)):
        made = notice(readings=readings(values))
        assert (sparkline(made), chart(made), legend(made)) == ("", "", "")


@pytest.mark.parametrize(
    ("condition", "threshold", "marks"),
    [
        (">= 95%", 95.0, "▁▁██·[█]"),
        ("> 95", 95.0, "▁▁▁█·[█]"),
        ("<= 94", 94.0, "██▁▁·[▁]"),
        ("< 94", 94.0, "█▁▁▁·[▁]"),
        ("", 95.0, ""),
        (">= 95%", None, ""),
    ],
)
def test_the_second_line_marks_the_windows_past_the_threshold(
    condition: str, threshold: float | None, marks: str
) -> None:
    values = readings((0, 94, 95, 96, None, 100), still_open=1)
    made = notice(condition=condition, threshold=threshold, readings=values)
    assert threshold_line(made) == marks


def test_a_window_that_still_counts_is_not_yet_below_a_threshold() -> None:
    """Its calls can but rise."""
    made = notice(condition="<= 0", threshold=0.0, readings=readings((0, 0), still_open=1))
    assert threshold_line(made) == "█[▁]"


@given(notices())
def test_both_lines_have_their_marks_at_the_same_places(made: Notice) -> None:
    """In fonts where bars and letters differ in width too."""
    bars, past = sparkline(made), threshold_line(made)
    shape = str.maketrans(dict.fromkeys(BARS, "x"))
    assert not past or bars.translate(shape) == past.translate(shape)
    assert len(chart(made).splitlines()) == bool(bars) + bool(past)
