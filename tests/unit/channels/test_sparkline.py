"""The sparkline shows how full it was, and what is not known."""

from __future__ import annotations

from headroom.channels.sparkline import legend, sparkline
from tests.builders import notice, readings


def test_the_lowest_bar_is_nothing_and_the_highest_the_limit() -> None:
    made = notice(limit=100, readings=readings((0, 1, 99, 100, 150)))
    assert sparkline(made) == "▁▂▇██"
    assert legend(made) == "last hour, 0 to 100 calls"


def test_without_a_limit_the_highest_reading_is_the_top() -> None:
    made = notice(limit=None, readings=readings((0, 7, 14)))
    assert sparkline(made) == "▁▄█"
    assert legend(made) == "last hour, 0 to 14 calls"


def test_missing_and_open_windows_are_marked_and_explained() -> None:
    made = notice(limit=100, readings=readings((50, None, 50, None), still_open=2))
    assert sparkline(made) == "▄·[▄·]"
    assert legend(made) == "last hour, 0 to 100 calls; · no reading; [ ] still counting"


def test_nothing_is_drawn_when_nothing_is_known() -> None:
    for values in ((), (None, None)):
        made = notice(readings=readings(values))
        assert (sparkline(made), legend(made)) == ("", "")
