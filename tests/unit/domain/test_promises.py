"""The six promises of DESIGN section 4, over generated readings, rules and check times."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st

from headroom.domain.due_windows import DueWindows
from headroom.domain.notices import Kind
from headroom.domain.rules import Severity
from headroom.domain.watermark import begin
from headroom.domain.windows import HOUR, WEEK, WINDOW, Moment, last_closed
from tests.builders import T0, document, failure, query
from tests.simulation.facts import RuleFacts as Spec
from tests.simulation.oracle.windows import SLICED
from tests.unit.domain.oracle import Story, stories
from tests.unit.domain.replay import LATE, SETTLE, Line, Replay, as_project, windows

COUNT = 24
END = T0 + (COUNT + 1) * WINDOW + SETTLE
EVERY_MINUTE = range(T0 + WINDOW + SETTLE, END + 1, 60)
SURELY = END - SETTLE + LATE
"""By now the last window is final, however late it was published."""


@st.composite
def specs(draw: st.DrawFn, *, upper: bool | None = None, missing: str | None = None) -> Spec:
    above = draw(st.booleans()) if upper is None else upper
    mild, grave = sorted([draw(st.integers(2, 9)), draw(st.integers(2, 9))], reverse=not above)
    levels = draw(st.sampled_from([(mild, grave), (mild, None), (None, grave)]))
    among = draw(st.integers(1, 5))
    return Spec(
        name="generated",
        query=draw(st.sampled_from(["all", SLICED])),
        upper=above,
        warning=levels[0],
        critical=levels[1],
        needed=draw(st.integers(1, among)),
        among=among,
        margin=draw(st.integers(0, 3 if not above else min(3, mild - 1))),
        missing=missing or draw(st.sampled_from(["zero", "ignore", "breach", "ok"])),
    )


@st.composite
def lines(draw: st.DrawFn, minutes: int = 5, late: int = 0) -> Line:
    """A line whose last window has a reading; up to `late` seconds after its end to publish each.

    A window is not published before those before it.
    """
    values = draw(
        st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=COUNT + 5, max_size=COUNT + 5)
    )
    values.append(draw(st.integers(0, 12)))
    first = T0 - 5 * WINDOW
    peaks = {first + WINDOW * i: value for i, value in enumerate(values) if value is not None}
    shares = sorted(draw(st.lists(st.floats(0, 1), min_size=minutes, max_size=minutes)))
    return Line(peaks, tuple(shares), draw(delays(late)) if late else {})


@st.composite
def delays(draw: st.DrawFn, late: int) -> dict[int, int]:
    """When each window is published: some at their start, some as late as may be, in order."""
    seconds = st.sampled_from([0, 0, 120, 300, 420, 480, 600, 900, WINDOW + late])
    waits = draw(st.lists(seconds, min_size=COUNT, max_size=COUNT))
    published: dict[int, int] = {}
    newest = 0
    for window, wait in zip(windows(COUNT), waits, strict=True):
        newest = published[window] = max(newest, window + min(wait, WINDOW + late))
    return published


UNREAD = LATE + 3 * WINDOW
"""Seconds from the start of the oldest window that may be unread to the end of an open one."""


LATER = ("breach", "ignore")
"""With these an incident may begin on an open window although an older one turns out to be the one
that fires: by having no reading, or once what lies before it is known to be ignored."""


def same(spec: Spec, true: list[Story], told: list[Story]) -> None:
    """The same incidents, as severe as they were.

    But an open window may fire or worsen one over an older window that is not read yet. With some
    `missing` it may then begin later (`LATER`). If the older one ends the incident, the open window
    begins the next, which is as severe, and was told too early.
    """
    assert [each.ended for each in told] == [each.ended for each in true]
    after = {each.since - other.since for each, other in zip(told, true, strict=True)}
    assert after <= ({*range(0, UNREAD, WINDOW)} if spec.missing in LATER else {0})
    for place, (each, its) in enumerate(zip(true, told, strict=True)):
        worse = [other for other in true[place + 1 : place + 2] if other.worst == "critical"]
        soon = each.ended and any(other.since < each.ended + UNREAD for other in worse)
        assert its.worst == each.worst or (its.worst == "critical" and soon)


SCHEDULES = st.lists(st.sampled_from(range(T0 + WINDOW + SETTLE, SURELY, 60)), max_size=40).map(
    lambda times: [*times, SURELY]
)


@given(specs(), lines(late=LATE), SCHEDULES)
def test_every_closed_window_takes_effect_once_whatever_the_schedule_does(
    spec: Spec, line: Line, times: list[int]
) -> None:
    """Promise 1: checks late, twice, out of order or left out give what closed windows say."""
    told = Replay(as_project(spec), line).run(times).stories()
    true = stories(spec, line.peaks, windows(COUNT)[0], windows(COUNT)[-1])
    same(spec, true, [story for story in told if story.since <= windows(COUNT)[-1]])


@given(specs(), lines(late=LATE), SCHEDULES)
def test_the_outcome_depends_neither_on_when_the_checks_ran_nor_on_when_readings_came(
    spec: Spec, line: Line, times: list[int]
) -> None:
    """Promise 2: a check every minute, some checks and a late one tell the same incidents."""
    made, prompt = as_project(spec), replace(line, published={})
    minutely = Replay(made, line).run([*EVERY_MINUTE, SURELY])
    sparse = Replay(made, line).run(times)
    once = Replay(made, line).run([SURELY])
    in_time = Replay(made, prompt).run([*EVERY_MINUTE, SURELY])
    for each in (minutely, sparse, in_time):
        same(spec, once.stories(), each.stories())
    assert set(minutely.state.incidents) == set(once.state.incidents)


@st.composite
def corrections(draw: st.DrawFn) -> Line:
    """A well line of which some windows of the last hour rise at one instant, for good."""
    at = draw(st.sampled_from(EVERY_MINUTE[60:]))
    hour = [each for each in windows(COUNT) if last_closed(at, SETTLE) - HOUR < each <= at]
    rising = draw(st.lists(st.sampled_from(hour), max_size=6, unique=True))
    well = [T0 + WINDOW * place for place in range(-12, COUNT + 1)]
    peaks = {window: draw(st.integers(0, 1)) for window in well}
    wrong = {window: (at, peaks[window]) for window in rising}
    return Line(peaks | {each: draw(st.integers(2, 12)) for each in rising}, corrected=wrong)


@given(specs(upper=True), corrections())
def test_an_upward_correction_within_the_hour_is_told_exactly_once(spec: Spec, line: Line) -> None:
    """Promise 1: after a window is final, a higher reading may add a breach of an upper bound."""
    replay = Replay(as_project(spec), line).run([*EVERY_MINUTE, SURELY])
    true = stories(spec, line.peaks, windows(COUNT)[0], windows(COUNT)[-1])
    same(spec, true, replay.stories())


@given(st.integers(1, 5), st.sampled_from(["zeros", "left out", "empty"]), delays(LATE), st.data())
def test_a_dead_line_is_told_within_its_for_and_late(
    needed: int, silence: str, published: dict[int, int], data: st.DataObject
) -> None:
    """Explicit zeros however late they are published, windows left out, or nothing for an hour."""
    spec = Spec("dead", "all", upper=False, warning=None, critical=0, needed=needed, among=needed)
    dead = data.draw(st.sampled_from(windows(6)))
    before = range(T0 - 2 * HOUR, dead, WINDOW)
    lived = {window: 5 for window in before if silence == "zeros" or window % (6 * WINDOW) == 0}
    peaks = {
        "zeros": lived | {each: 0 for each in windows(COUNT) if each >= dead},
        "left out": lived,
        "empty": {},
    }[silence]
    newest = dead if silence == "zeros" else max(peaks, default=0) + WINDOW
    begins = max(newest, T0 + WINDOW)
    line = Line(peaks, published=published if silence == "zeros" else {})
    due = begins + needed * WINDOW + LATE
    replay = Replay(as_project(spec), line).run(range(T0 + WINDOW + SETTLE, due + 1, 60))
    assert Kind.FIRED in replay.kinds()


@given(specs(), lines())
def test_a_missed_incident_is_told_once_and_nothing_else_of_it(spec: Spec, line: Line) -> None:
    """Promise 1: what fired and recovered while nobody looked is one `missed`."""
    replay = Replay(as_project(spec), line).run([SURELY])
    for each in replay.notices:
        same = [other.kind for other in replay.notices if other.incident_id == each.incident_id]
        assert same in ([Kind.MISSED], [Kind.FIRED])


SURVIVED = Spec("near", "all", upper=True, warning=2, critical=2, missing="breach")
"""An older open window without a reading may be the one that fires."""
UNREAD_BETWEEN = Line({windows(8)[-1]: 0, windows(10)[-1]: 2})
READ_LATE = Line(dict.fromkeys(windows(COUNT), 0), shares=(0, 0, 0, 0, 1.0))
"""No window has a reading until its last minute; none has a call."""


def test_a_window_without_a_reading_is_a_breach_once_it_is_final_and_not_before() -> None:
    """`missing: breach`, promise 3: an open window may still get any reading."""
    assert Replay(as_project(SURVIVED), READ_LATE).run(EVERY_MINUTE).notices == []
    silent = replace(READ_LATE, peaks={windows(1)[-1]: 0})
    final = windows(2)[-1] + WINDOW + LATE
    replay = Replay(as_project(SURVIVED), silent).run(range(T0 + WINDOW + SETTLE, final + 1, 60))
    assert [(each.since, each.at) for each in replay.notices] == [(windows(2)[-1], final)]


def test_an_open_window_fires_at_once_though_the_one_before_it_has_no_reading_yet() -> None:
    """`missing: breach`: whether the older window is a breach is known only 15 minutes later."""
    line, fires = UNREAD_BETWEEN, windows(10)[-1]
    replay = Replay(as_project(SURVIVED), line).run(range(T0 + WINDOW + SETTLE, fires + 1, 60))
    last = replay.notices[-1]
    assert (last.kind, last.since, last.at) == (Kind.FIRED, fires, fires)


@given(specs(upper=True), lines())
@example(SURVIVED, UNREAD_BETWEEN)
@example(SURVIVED, READ_LATE)
@example(
    replace(SURVIVED, needed=2, among=2, missing="ignore"),
    Line(dict.fromkeys((windows(19)[-1], windows(21)[-1], windows(22)[-1]), 2)),
)
def test_an_open_window_fires_as_soon_as_it_holds_and_never_in_vain(spec: Spec, line: Line) -> None:
    """Promise 3: readings that only grow never fire where the closed window would not."""
    minutely = Replay(as_project(spec), line)
    expected = stories(spec, line.peaks, windows(COUNT)[0], windows(COUNT)[-1] + WINDOW)
    for now in EVERY_MINUTE:
        minutely.check(now)
        told = [story.since for story in minutely.stories()]
        if spec.missing in LATER:  # an older window may yet close as the one that fires
            assert all(any(map(partial(_within, each), expected)) for each in told)
        else:
            assert {*told} <= {each.since for each in expected}
    full = replace(line, shares=(1.0,) * 5)
    if spec.missing == "zero" and spec.needed == spec.among == 1:
        first = next(iter(expected), None)
        prompt = Replay(as_project(spec), full).run(EVERY_MINUTE)
        if first is not None and first.since > windows(1)[0]:
            assert prompt.notices[0].at == first.since


def _within(since: int, story: Story) -> bool:
    return story.since <= since and (story.ended is None or since < story.ended)


@given(specs(upper=True), lines(minutes=6))
def test_readings_that_come_while_a_window_settles_make_no_incident_up(
    spec: Spec, line: Line
) -> None:
    """Promise 3: with two windows open, either may fire, but only within a true incident."""
    minutely = Replay(as_project(spec), line).run([*EVERY_MINUTE, SURELY])
    last = windows(COUNT)[-1]
    expected = stories(spec, line.peaks, windows(COUNT)[0], last)
    for told in [each for each in minutely.stories() if each.since <= last]:
        (true,) = [each for each in expected if each.ended == told.ended]
        unread = UNREAD if spec.missing in LATER else 2 * WINDOW
        assert told.since - true.since in range(0, unread, WINDOW)
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
        before = dict(replay.state.incidents)
        replay.check(now, None if well else failure())
        if not well:
            assert replay.state.incidents == before
    replay.check(SURELY)
    same(spec, Replay(as_project(spec), line).run([SURELY]).stories(), replay.stories())


@given(specs(missing="zero"), lines())
def test_a_series_first_seen_tells_what_is_wrong_now_and_no_history(spec: Spec, line: Line) -> None:
    """A project seen for the first time starts N windows back."""
    new = begin("support-line", None, None, Moment.at(SURELY, settle=SETTLE, late=LATE))
    replay = Replay(as_project(spec), line, new).run([SURELY])
    assert all(each.kind is Kind.FIRED for each in replay.notices)
    assert len(replay.notices) <= 1


@given(specs(), st.integers(0, 3 * WEEK))
def test_catching_up_reaches_back_a_week_at_most(spec: Spec, outage: int) -> None:
    """Promise 1: after an outage the fetch reaches back to the last window, up to seven days."""
    now = T0 + WINDOW + SETTLE + outage
    moment = Moment(now, (now - SETTLE) // WINDOW * WINDOW - WINDOW)
    made = as_project(spec)
    first = DueWindows(made, document(since=T0), moment).first(query(), made.rules[0])
    assert first == max(T0, moment.closed - WEEK) + WINDOW


@given(specs(upper=True), lines(), SCHEDULES, st.integers(1, 6))
def test_edited_numbers_keep_the_incident_and_an_edited_direction_closes_it(
    spec: Spec, line: Line, times: list[int], more: int
) -> None:
    """Promise 4: the configuration in force judges all windows."""
    replay = Replay(as_project(spec), line).run(times)
    open_before = {each.id for each in replay.state.incidents.values()}
    told = len(replay.notices)
    one = None if spec.warning is not None else spec.critical
    lower = replace(spec, upper=False, critical=one, needed=1, among=1, margin=0)
    turned = Replay(as_project(lower), line, replay.state)
    turned.check(SURELY + more * 60)
    closed = {each.incident_id for each in turned.notices if each.reason}
    assert closed == open_before
    replay.project = as_project(replace(spec, needed=1))
    replay.check(SURELY)
    assert not [each for each in replay.notices[told:] if each.reason]


@given(specs(), lines(), SCHEDULES)
def test_whoever_computes_an_id_gets_the_same(spec: Spec, line: Line, times: list[int]) -> None:
    """Promise 3: incident and notice ids are derived, so a repeated check repeats them."""
    one = Replay(as_project(spec), line).run(times)
    two = Replay(as_project(spec), line).run(times)
    assert [each.id for each in one.notices] == [each.id for each in two.notices]
    assert len({each.id for each in one.notices}) == len(one.notices)
    assert all(each.severity in Severity for each in one.notices)
