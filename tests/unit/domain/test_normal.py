"""The promises of DESIGN section 4 for rules that know what is normal: hours, usual, trends."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.baseline import NO_READING, Baseline
from headroom.domain.notices import Kind
from headroom.domain.readings import WHOLE
from headroom.domain.windows import HOUR, WEEK, WINDOW
from tests.builders import T0, document
from tests.simulation.facts import RuleFacts as Spec
from tests.simulation.oracle.usual import Usual
from tests.unit.domain.oracle import Story, stories
from tests.unit.domain.replay import LATE, SETTLE, Line, Replay, as_project, windows

COUNT = 24
EVERY_MINUTE = range(T0 + WINDOW + SETTLE, T0 + (COUNT + 1) * WINDOW + SETTLE + 1, 60)
SURELY = EVERY_MINUTE[-1] - SETTLE + LATE
AROUND = 12
"""Windows before and after the judged ones that the weeks before have readings of."""

DURING = st.sampled_from(
    [
        (),
        ("10:30-11:15",),
        ("Mon 09:00-10:40", "Mon 11:00-13:00"),
        ("22:00-10:50",),
        ("Tue 00:00-24:00",),
    ]
)
"""They begin and end while the line is watched: 10:05 to 12:05 on a Monday, in UTC."""
SCHEDULES = st.lists(st.sampled_from(range(T0 + WINDOW + SETTLE, SURELY, 60)), max_size=40).map(
    lambda times: [*times, SURELY]
)


@dataclass(frozen=True)
class Weeks:
    """The readings of the weeks before, and when an alert of usual fired in them."""

    peaks: dict[int, int]
    left_out: tuple[tuple[int, int], ...] = ()

    def baseline(self) -> Baseline:
        """As it is stored."""
        first, until = T0 - 5 * WEEK, T0 - WINDOW
        values = [self.peaks.get(at, NO_READING) for at in range(first, until + 1, WINDOW)]
        return Baseline(
            first=first,
            until=until,
            peaks={WHOLE: array("h", values)},
            left_out={WHOLE: self.left_out},
            made=until,
        )

    def usual(self, spec: Spec) -> Usual:
        """As the oracle works it out."""
        return Usual(spec, self.peaks, self.left_out)


@st.composite
def weeks(draw: st.DrawFn) -> Weeks:
    """Four weeks, each with its own level and holes, some with an incident."""
    peaks: dict[int, int] = {}
    fired = []
    for back in range(1, 5):
        level, hole = draw(st.integers(0, 60)), draw(st.integers(0, 2 * AROUND + COUNT))
        first = T0 - back * WEEK - AROUND * WINDOW
        slots = [first + place * WINDOW for place in range(COUNT + 2 * AROUND)]
        peaks |= {at: max(0, level + at // WINDOW % 5 - 2) for at in slots[hole % 30 :]}
        if draw(st.booleans()):
            begins = draw(st.sampled_from(slots))
            fired.append((begins, begins + draw(st.integers(1, 20)) * WINDOW))
    return Weeks(peaks, tuple(sorted(fired)))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    among = draw(st.integers(1, 4))
    kind = draw(st.sampled_from(["calls", "usual", "trend"]))
    upper = kind == "trend" or draw(st.booleans())
    low, high = {"calls": (5, 30), "usual": (0, 100), "trend": (20, 80)}[kind]
    if kind == "usual" and upper:
        low, high = 100, 250
    mild, grave = sorted(draw(st.tuples(*[st.integers(low, high)] * 2)), reverse=not upper)
    levels = draw(st.sampled_from([(mild, grave), (mild, None), (None, grave)]))
    return Spec(
        name="generated",
        query="all",
        upper=upper,
        warning=levels[0],
        critical=levels[1],
        needed=draw(st.integers(1, among)),
        among=among,
        margin=draw(st.integers(0, 4)),
        missing=draw(st.sampled_from(["zero", "ok"])),
        during=draw(DURING),
        holidays=draw(st.sampled_from([(), (), ("2026-11-16",), ("2026-11-23",)])),
        of_usual=kind == "usual",
        within=draw(st.sampled_from([600, 1800, 7200])) if kind == "trend" else 0,
    )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """Calls that rise, fall or stay, with holes; the last window has a reading."""
    calls, peaks = draw(st.integers(0, 60)), {}
    for at in range(T0 - AROUND * WINDOW, windows(COUNT)[-1] + 1, WINDOW):
        calls = max(0, calls + draw(st.sampled_from([-30, -8, -2, 0, 0, 1, 6, 9, 30])))
        if draw(st.integers(0, 9)):
            peaks[at] = calls
    return Line(peaks | {windows(COUNT)[-1]: calls})


def true(spec: Spec, line: Line, before: Weeks) -> list[Story]:
    """The incidents by the oracle."""
    first, last = windows(COUNT)[0], windows(COUNT)[-1]
    return stories(spec, line.peaks, first, last, before.usual(spec))


def told(replay: Replay) -> list[Story]:
    """The incidents as they were notified, without those of windows that are still open."""
    return [story for story in replay.stories() if story.since <= windows(COUNT)[-1]]


@given(specs(), lines(), weeks(), SCHEDULES)
def test_incidents_are_those_of_the_closed_windows_whatever_the_schedule(
    spec: Spec, line: Line, before: Weeks, times: list[int]
) -> None:
    """Promises 1 and 2, with hours, usual and trends."""
    start = Replay(as_project(spec), line, baseline=before.baseline())
    for schedule in (EVERY_MINUTE, times, [SURELY]):
        replay = replace(start, notices=[]).run([*schedule, SURELY])
        assert told(replay) == true(spec, line, before)


@given(specs(), lines(), weeks(), st.frozensets(st.sampled_from(EVERY_MINUTE)))
def test_a_baseline_that_cannot_be_read_delays_what_it_decides_and_changes_nothing(
    spec: Spec, line: Line, before: Weeks, unread: frozenset[int]
) -> None:
    start = Replay(as_project(spec), line, baseline=before.baseline(), unread=unread)
    assert told(start.run([*EVERY_MINUTE, SURELY])) == true(spec, line, before)


@given(specs(), lines(), weeks(), st.integers(1, 4), st.data())
def test_a_week_of_incident_in_the_history_changes_no_decision(
    spec: Spec, line: Line, before: Weeks, back: int, data: st.DataObject
) -> None:
    """Whatever the line had that week: the same as if nothing had been read."""
    begins = T0 - back * WEEK - AROUND * WINDOW
    ends = begins + (COUNT + 2 * AROUND) * WINDOW
    rest = {at: peak for at, peak in before.peaks.items() if not begins <= at < ends}
    odd = dict.fromkeys(range(begins, ends, WINDOW), data.draw(st.integers(0, 500)))
    without = Replay(as_project(spec), line, baseline=Weeks(rest, before.left_out).baseline())
    incident = Weeks(rest | odd, tuple(sorted((*before.left_out, (begins, ends)))))
    having = Replay(as_project(spec), line, baseline=incident.baseline())
    ids = [
        [each.id for each in replay.run([*EVERY_MINUTE, SURELY]).notices]
        for replay in (without, having)
    ]
    assert ids[0] == ids[1]


@given(specs(), lines(), weeks())
def test_what_compares_with_usual_or_follows_a_trend_never_fires_on_an_open_window(
    spec: Spec, line: Line, before: Weeks
) -> None:
    if spec.at_once:
        return
    replay = Replay(as_project(spec), line, baseline=before.baseline()).run(EVERY_MINUTE)
    begun = [each for each in replay.notices if each.kind in (Kind.FIRED, Kind.ESCALATED)]
    assert all(each.at >= each.since + WINDOW + SETTLE for each in begun)


def test_a_first_check_without_the_baseline_starts_where_it_would_have_started() -> None:
    """What already breaches is notified all the same, once the baseline can be read."""
    spec = Spec("low", "all", upper=False, warning=40, critical=None, needed=3, among=3)
    spec = replace(spec, of_usual=True)
    usual = dict.fromkeys(range(T0 - 5 * WEEK, T0 - WEEK + HOUR, WINDOW), 60)
    line = Line({T0 + place * WINDOW: 60 if place < -2 else 3 for place in range(-AROUND, 2)})
    first = T0 + WINDOW + SETTLE
    state = replace(document(watermark=T0, since=T0), new=True)
    start = Replay(as_project(spec), line, state=state, baseline=Weeks(usual).baseline())
    at_once = replace(start, notices=[]).run([first])
    late = replace(start, notices=[], unread=frozenset({first})).run([first, first + 60])
    assert [each.since for each in at_once.notices] == [T0]
    assert [each.id for each in late.notices] == [each.id for each in at_once.notices]
