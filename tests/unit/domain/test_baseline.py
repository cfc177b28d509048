"""Baselines: readings in, in any order and however often; spans from notices."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.baseline import KEPT, Baseline, Firing, NewLevel, extended, leaving_out, spans
from headroom.domain.readings import WHOLE, Answer
from headroom.domain.windows import HOUR, WEEK, WINDOW, Instant
from tests.builders import T0

Read = tuple[Answer, Instant, Instant]


def read(baseline: Baseline | None, part: Read) -> Baseline:
    answer, first, until = part
    return extended(baseline, answer, first=first, until=until, made=until + 60)


@st.composite
def parts(draw: st.DrawFn) -> Read:
    """One answer; times lie up to seven weeks apart, so that some is too old to be kept."""
    first = T0 + WINDOW * draw(st.sampled_from([0, 1, 3, 2016, 5 * 2016, 7 * 2016]))
    count = draw(st.integers(1, 6))
    values = draw(st.lists(st.none() | st.integers(0, 40_000), min_size=count, max_size=count))
    series = draw(st.sampled_from([WHOLE, "v-1"]))
    peaks = {first + WINDOW * at: value for at, value in enumerate(values) if value is not None}
    return Answer({series: peaks}), first, first + WINDOW * (count - 1)


@given(st.lists(parts(), min_size=1, max_size=3))
def test_the_same_answers_make_the_same_baseline_in_any_order_and_however_often(
    each: list[Read],
) -> None:
    made = []
    for order in permutations(each):
        baseline: Baseline | None = None
        for part in order:
            baseline = read(read(baseline, part), part)
        made.append(baseline)
    assert all(one == made[0] for one in made)


@given(st.lists(parts(), min_size=1, max_size=4))
def test_every_reading_of_the_last_five_weeks_is_kept_and_no_other(each: list[Read]) -> None:
    baseline: Baseline | None = None
    for part in each:
        baseline = read(baseline, part)
    assert baseline is not None
    newest = max(until for _, _, until in each)
    expected: dict[tuple[str, Instant], int] = {}
    for answer, _, _ in each:
        for name, peaks in answer.series.items():
            for window, peak in peaks.items():
                if window > newest - KEPT * WINDOW:
                    expected[name, window] = max(peak, expected.get((name, window), 0))
    everything = range(baseline.first - WEEK, newest + WEEK, WINDOW)
    found = {
        (name, window): reading
        for name in baseline.peaks
        for window in everything
        if (reading := baseline.reading(name, window)) is not None
    }
    assert found == expected
    assert newest - baseline.first < KEPT * WINDOW


def test_a_window_that_was_open_when_it_was_read_gets_its_higher_peak() -> None:
    early = read(None, (Answer({WHOLE: {T0: 3}}), T0, T0))
    assert read(early, (Answer({WHOLE: {T0: 7}}), T0, T0)).reading(WHOLE, T0) == 7
    assert read(early, (Answer({WHOLE: {}}), T0, T0)).reading(WHOLE, T0) == 3


def test_spans_and_levels_that_no_reading_is_left_of_are_dropped() -> None:
    one = read(None, (Answer({WHOLE: {T0: 3}}), T0, T0))
    spanned = leaving_out(one, {WHOLE: ((T0 - HOUR, T0), (T0, T0 + HOUR)), "v-1": ((0, T0),)})
    assert spanned.left_out == {WHOLE: ((T0, T0 + HOUR),)}
    later = T0 + 6 * WEEK
    news = read(spanned, (Answer({WHOLE: {later: 4}}), later, later))
    assert news.left_out == {}
    levelled = Baseline(
        first=T0,
        until=T0,
        peaks=one.peaks,
        levels={WHOLE: (NewLevel(since=T0 + HOUR, ratio=2, known=T0 + 2 * HOUR),)},
    )
    assert read(levelled, (Answer({WHOLE: {later: 4}}), later, later)).levels == {}


NOTICES = [
    Firing(incident="a", series=WHOLE, since=T0),
    Firing(incident="a", series=WHOLE, since=T0, ended=T0 + HOUR),
    Firing(incident="b", series=WHOLE, since=T0 + HOUR, ended=T0 + 2 * HOUR),
    Firing(incident="c", series=WHOLE, since=T0 + 5 * HOUR, ended=T0 + 7 * HOUR),
    Firing(incident="e", series=WHOLE, since=T0 + 6 * HOUR, ended=T0 + 6 * HOUR + WINDOW),
    Firing(incident="f", series=WHOLE, since=T0 + 8 * HOUR),
    Firing(incident="d", series="v-1", since=T0, ended=T0 + HOUR),
]


@given(st.permutations(NOTICES))
def test_spans_follow_from_the_notices_in_any_order(notices: list[Firing]) -> None:
    """Those that touch are one; an incident without an end goes on up to the newest window."""
    newest = T0 + 9 * HOUR
    assert spans(notices, until=newest) == {
        WHOLE: (
            (T0, T0 + 2 * HOUR),
            (T0 + 5 * HOUR, T0 + 7 * HOUR),
            (T0 + 8 * HOUR, newest + WINDOW),
        ),
        "v-1": ((T0, T0 + HOUR),),
    }
