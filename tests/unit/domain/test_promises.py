"""The six promises of DESIGN section 4, over generated readings, rules and check times."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.evaluation import Standing
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity
from headroom.domain.windows import WEEK, WINDOW, Moment
from tests.builders import T0, failure
from tests.unit.domain.oracle import Spec, stories
from tests.unit.domain.replay import SETTLE, Line, Replay, as_project, windows

COUNT = 24
END = T0 + (COUNT + 1) * WINDOW + SETTLE
EVERY_MINUTE = range(T0 + WINDOW + SETTLE, END + 1, 60)


@st.composite
def specs(draw: st.DrawFn, *, upper: bool | None = None, missing: str | None = None) -> Spec:
    above = draw(st.booleans()) if upper is None else upper
    mild, grave = sorted([draw(st.integers(2, 9)), draw(st.integers(2, 9))], reverse=not above)
    levels = draw(st.sampled_from([(mild, grave), (mild, None), (None, grave)]))
    among = draw(st.integers(1, 5))
    return Spec(
        upper=above,
        warning=levels[0],
        critical=levels[1],
        needed=draw(st.integers(1, among)),
        among=among,
        margin=draw(st.integers(0, 3 if not above else min(3, mild - 1))),
        missing=missing or draw(st.sampled_from(["zero", "ignore", "breach", "ok"])),
        sliced=draw(st.booleans()),
    )


@st.composite
def lines(draw: st.DrawFn, minutes: int = 5) -> Line:
    values = draw(
        st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=COUNT + 6, max_size=COUNT + 6)
    )
    first = T0 - 5 * WINDOW
    peaks = {first + WINDOW * i: value for i, value in enumerate(values) if value is not None}
    shares = sorted(draw(st.lists(st.floats(0, 1), min_size=minutes, max_size=minutes)))
    return Line(peaks, tuple(shares))


SCHEDULES = st.lists(st.sampled_from(EVERY_MINUTE), max_size=40).map(lambda times: [*times, END])


@given(specs(), lines(), SCHEDULES)
def test_every_closed_window_takes_effect_once_whatever_the_schedule_does(
    spec: Spec, line: Line, times: list[int]
) -> None:
    """Promise 1: checks late, twice, out of order or left out give what closed windows say."""
    told = Replay(as_project(spec), line).run(times).stories()
    assert [story for story in told if story.since <= windows(COUNT)[-1]] == stories(
        spec, line.peaks, windows(COUNT)[0], windows(COUNT)[-1]
    )


@given(specs(), lines(), SCHEDULES)
def test_the_outcome_does_not_depend_on_when_the_checks_ran(
    spec: Spec, line: Line, times: list[int]
) -> None:
    """Promise 2: a check every minute, some checks and a late one tell the same incidents."""
    made = as_project(spec)
    minutely = Replay(made, line).run(EVERY_MINUTE)
    sparse = Replay(made, line).run(times)
    once = Replay(made, line).run([END])
    assert minutely.stories() == sparse.stories() == once.stories()
    assert set(minutely.standing.incidents) == set(once.standing.incidents)


@given(specs(), lines())
def test_a_missed_incident_is_told_once_and_nothing_else_of_it(spec: Spec, line: Line) -> None:
    """Promise 1: what fired and recovered while nobody looked is one `missed`."""
    replay = Replay(as_project(spec), line).run([END])
    for each in replay.notices:
        same = [other.kind for other in replay.notices if other.incident_id == each.incident_id]
        assert same in ([Kind.MISSED], [Kind.FIRED])


@given(specs(upper=True), lines())
def test_an_open_window_fires_as_soon_as_it_holds_and_never_in_vain(spec: Spec, line: Line) -> None:
    """Promise 3: readings that only grow never fire where the closed window would not."""
    minutely = Replay(as_project(spec), line)
    expected = stories(spec, line.peaks, windows(COUNT)[0], windows(COUNT)[-1] + WINDOW)
    for now in EVERY_MINUTE:
        minutely.check(now)
        assert {story.since for story in minutely.stories()} <= {each.since for each in expected}
    full = replace(line, shares=(1.0,) * 5)
    if spec.missing == "zero" and spec.needed == spec.among == 1:
        first = next(iter(expected), None)
        prompt = Replay(as_project(spec), full).run(EVERY_MINUTE)
        if first is not None and first.since > windows(1)[0]:
            assert prompt.notices[0].at == first.since


@given(specs(upper=True), lines(minutes=6))
def test_readings_that_come_while_a_window_settles_make_no_incident_up(
    spec: Spec, line: Line
) -> None:
    """Promise 3: with two windows open, either may fire, but only within a true incident."""
    minutely = Replay(as_project(spec), line).run([*EVERY_MINUTE, END + WINDOW])
    last = windows(COUNT)[-1] + WINDOW
    expected = stories(spec, line.peaks, windows(COUNT)[0], last)
    for told in [each for each in minutely.stories() if each.since <= last]:
        (true,) = [each for each in expected if each.ended == told.ended]
        assert told.since - true.since in (0, WINDOW)
        assert told.ended is None or told.since < told.ended


@given(specs(upper=False), lines(), st.sampled_from(windows(COUNT)), st.integers(0, 4))
def test_a_lower_bound_waits_for_the_closed_window(
    spec: Spec, line: Line, window: int, minute: int
) -> None:
    """Promise 3: while windows are open a lower bound says nothing of them."""
    replay = Replay(as_project(spec), line).run([window + minute * 60])
    last = window - WINDOW if minute >= SETTLE // 60 else window - 2 * WINDOW
    assert all(each.since <= last for each in replay.notices)


@given(specs(), lines(), st.lists(st.booleans(), min_size=120, max_size=120))
def test_a_failed_request_is_not_missing_data(spec: Spec, line: Line, answered: list[bool]) -> None:
    """Promise 5: whatever fails in between, the incidents are those of the readings."""
    replay = Replay(as_project(spec), line)
    for now, well in zip(EVERY_MINUTE, answered, strict=False):
        before = dict(replay.standing.incidents)
        replay.check(now, None if well else failure())
        if not well:
            assert replay.standing.incidents == before
    replay.check(END)
    assert replay.stories() == Replay(as_project(spec), line).run([END]).stories()


@given(specs(missing="zero"), lines())
def test_a_series_first_seen_tells_what_is_wrong_now_and_no_history(spec: Spec, line: Line) -> None:
    """A project seen for the first time starts N windows back."""
    replay = Replay(as_project(spec), line, standing=Standing(None)).run([END])
    assert all(each.kind is Kind.FIRED for each in replay.notices)
    assert len(replay.notices) <= 1


@given(specs(), st.integers(0, 3 * WEEK))
def test_catching_up_reaches_back_a_week_at_most(spec: Spec, outage: int) -> None:
    """Promise 1: after an outage the fetch reaches back to the last window, up to seven days."""
    standing = Standing(T0)
    now = T0 + WINDOW + SETTLE + outage
    moment = Moment(now, (now - SETTLE) // WINDOW * WINDOW - WINDOW)
    closing = standing.closing("client_env=live", as_project(spec).rules[0], moment)
    assert closing.start == max(T0, moment.closed - WEEK) + WINDOW


@given(specs(upper=True), lines(), SCHEDULES, st.integers(1, 6))
def test_edited_numbers_keep_the_incident_and_an_edited_direction_closes_it(
    spec: Spec, line: Line, times: list[int], more: int
) -> None:
    """Promise 4: the configuration in force judges all windows."""
    replay = Replay(as_project(spec), line).run(times)
    open_before = {each.id for each in replay.standing.incidents.values()}
    told = len(replay.notices)
    lower = Spec(
        upper=False,
        warning=spec.warning,
        critical=None if spec.warning is not None else spec.critical,
        needed=1,
        among=1,
        margin=0,
        missing=spec.missing,
        sliced=spec.sliced,
    )
    turned = Replay(as_project(lower), line, replay.standing)
    turned.check(END + more * 60)
    closed = {each.incident_id for each in turned.notices if each.reason}
    assert closed == open_before
    replay.project = as_project(replace(spec, needed=1))
    replay.check(END)
    assert not [each for each in replay.notices[told:] if each.reason]


@given(specs(), lines(), SCHEDULES)
def test_whoever_computes_an_id_gets_the_same(spec: Spec, line: Line, times: list[int]) -> None:
    """Promise 3: incident and notice ids are derived, so a repeated check repeats them."""
    one = Replay(as_project(spec), line).run(times)
    two = Replay(as_project(spec), line).run(times)
    assert [each.id for each in one.notices] == [each.id for each in two.notices]
    assert len({each.id for each in one.notices}) == len(one.notices)
    assert all(each.severity in Severity for each in one.notices)
