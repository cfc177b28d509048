"""Catching up on what does not fit into one answer: 4 MiB are read of each, and no more."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import httpx
import pytest

from headroom.domain.readings import Query
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant, instant
from headroom.polyai.connection import LARGEST_ANSWER
from tests.builders import T0
from tests.unit.polyai.helpers import (
    BY_VARIANT,
    WHOLE_PROJECT,
    Script,
    answered,
    as_bytes,
    failed,
    fetch,
    in_turn,
    interval,
    raw,
)

DAY = 24 * HOUR


@dataclass
class Heavy(Script):
    """Answers with so many bytes for each window; the peak is the number of the window."""

    answers: list[httpx.Response | Exception] = field(default_factory=list)
    weight: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        start, end = asked(request)
        windows = range(start, end, WINDOW)
        rows = (interval(window, window // WINDOW, variant_id="v") for window in windows)
        return raw(as_bytes(*rows).ljust(self.weight * len(windows)))

    @property
    def ranges(self) -> list[tuple[Instant, Instant]]:
        return [asked(request) for request in self.requests]

    @property
    def lengths(self) -> list[int]:
        """In windows; one that has only begun counts as well."""
        return [len(range(start, end, WINDOW)) for start, end in self.ranges]


def asked(request: httpx.Request) -> tuple[Instant, Instant]:
    times = (request.url.params[name] for name in ("start_time", "end_time"))
    start, end = (instant(time.replace(".000Z", "Z")) for time in times)
    return start, end


@pytest.mark.parametrize(
    ("query", "weight", "until"),
    [
        (BY_VARIANT, 20_000, T0 + DAY),
        (BY_VARIANT, 90_000, T0 + 3 * DAY + 7 * WINDOW + 100),
        (WHOLE_PROJECT, 5_000, T0 + WEEK),
        (WHOLE_PROJECT, 20_000, T0 + WEEK + DAY),
    ],
)
def test_a_range_too_large_for_one_answer_is_read_whole_in_shorter_ones(
    query: Query, weight: int, until: Instant
) -> None:
    heavy = Heavy(weight=weight)
    (peaks,) = answered(fetch(heavy, query, until=until)).series.values()
    assert peaks == {window: window // WINDOW for window in range(T0, until, WINDOW)}


def test_a_length_that_was_too_much_is_not_asked_for_again() -> None:
    """A day of it is 5.5 MiB: a week discards one answer, not one for each day."""
    heavy = Heavy(weight=20_000)
    fetch(heavy, BY_VARIANT, until=T0 + WEEK)
    assert heavy.lengths == [288] + 14 * [144]
    assert all(start == end for (_, end), (start, _) in itertools.pairwise(heavy.ranges[1:]))


@pytest.mark.parametrize(
    ("seconds", "lengths"),
    [(HOUR, [12]), (HOUR + 200, [13]), (DAY, [288]), (3 * DAY, 3 * [288])],
)
def test_what_fits_is_asked_for_in_one_piece(seconds: int, lengths: list[int]) -> None:
    """Ninety variants or so, by the day: nothing that is read is thrown away."""
    heavy = Heavy(weight=14_000)
    fetch(heavy, BY_VARIANT, until=T0 + seconds)
    assert heavy.lengths == lengths


def test_a_single_window_that_is_too_large_is_a_failure() -> None:
    heavy = Heavy(weight=LARGEST_ANSWER + 1)
    until, enough = T0 + HOUR + 200, in_turn(*20 * [50.0], 0)
    failure = failed(fetch(heavy, BY_VARIANT, until=until, deadline=enough))
    assert (failure.code, failure.lasting) == ("invalid", False)
    assert "4 MiB" in failure.detail
    assert heavy.lengths == [13, 7, 4, 2, 1]


def test_windows_one_at_a_time_are_read_when_two_are_too_many() -> None:
    heavy = Heavy(weight=LARGEST_ANSWER * 2 // 3)
    (peaks,) = answered(fetch(heavy, BY_VARIANT, until=T0 + HOUR + 200)).series.values()
    assert len(peaks) == 13
    assert heavy.lengths == [13, 7, 4, 2] + 13 * [1]


def test_no_shorter_one_is_asked_for_once_the_time_is_gone() -> None:
    """A request was sent and failed, so the project counts as reached."""
    heavy = Heavy(weight=20_000)
    time = in_turn(20, 0)
    failure = failed(fetch(heavy, BY_VARIANT, until=T0 + DAY, deadline=time))
    assert (failure.code, failure.lasting, heavy.lengths) == ("timeout", False, [288])
