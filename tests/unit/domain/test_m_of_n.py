"""How far a rule looks back: N windows, and 2N where readings may be left out (DESIGN 4.4, 4.6)."""

from __future__ import annotations

from array import array

import pytest

from headroom.domain.baseline import Baseline
from headroom.domain.hours import ALWAYS
from headroom.domain.m_of_n import JudgedSeries, passes
from headroom.domain.notices import Kind
from headroom.domain.readings import WHOLE
from headroom.domain.rules import WHOLE_SHARE, Missing, Severity, UsualBound
from headroom.domain.usual import NOT_KNOWN, UsualOfSeries
from headroom.domain.windows import WEEK, WINDOW
from tests.builders import T0, level, rule
from tests.simulation.facts import RuleFacts as Spec
from tests.simulation.oracle.windows import SLICED
from tests.unit.domain.replay import LATE, SETTLE, Line, Replay, as_project

LAST = T0 + WINDOW
ONCE_FINAL = LAST + WINDOW + LATE
REACH = [
    pytest.param(20, 39, True, id="further than every request reaches back"),
    pytest.param(3, 5, True, id="2N"),
    pytest.param(3, 6, False, id="2N and one more"),
]


@pytest.mark.parametrize(("n", "oldest", "seen"), REACH)
def test_ignored_windows_are_looked_past_up_to_2n_windows(n: int, oldest: int, seen: bool) -> None:  # noqa: FBT001
    """N of N: N readings, with windows left out between them."""
    spec = Spec(
        "near", "all", upper=True, warning=6, critical=None, needed=n, among=n, missing="ignore"
    )
    back = [*range(0, 2 * n - 2, 2), oldest]
    line = Line({LAST - number * WINDOW: 6 for number in back})
    run = Replay(as_project(spec), line).run([ONCE_FINAL])
    assert run.kinds() == [Kind.FIRED] * seen


@pytest.mark.parametrize(("n", "newest", "seen"), REACH)
def test_a_variant_exists_while_a_reading_lies_in_the_2n_windows(
    n: int,
    newest: int,
    seen: bool,  # noqa: FBT001
) -> None:
    spec = Spec("dead", SLICED, upper=False, warning=None, critical=0, needed=n, among=n)
    line = Line({LAST - newest * WINDOW: 6})
    run = Replay(as_project(spec), line).run([ONCE_FINAL])
    assert run.kinds() == [Kind.FIRED] * seen


def test_a_lower_bound_waits_until_its_window_is_closed() -> None:
    spec = Spec("dead", "all", upper=False, warning=None, critical=0, needed=2, among=2)
    run = Replay(as_project(spec), Line({LAST - WINDOW: 6, LAST: 0, LAST + WINDOW: 0}))
    closed = LAST + 2 * WINDOW + SETTLE
    run.run([LAST + WINDOW + SETTLE, closed - 1])
    assert run.kinds() == []
    run.check(closed)
    assert run.kinds() == [Kind.FIRED]


def test_a_trend_goes_on_while_the_line_stays_full() -> None:
    """It rises no more, and it has reached the threshold: a recovery would be no news to trust."""
    full = level(Severity.CRITICAL, fires=100, holds=100, ahead=6)
    made = rule(levels=(full,), upper=True)
    rising = [40, 50, 60, 70, 80, 90, 100, *[110] * 12]
    line = dict(zip(range(T0, T0 + len(rising) * WINDOW, WINDOW), rising, strict=True))
    judged = JudgedSeries(made, line)
    assert judged.confirmed_at(max(line), Severity.CRITICAL) is Severity.CRITICAL


TWENTY = Baseline(
    first=T0 - 2 * WEEK, until=T0, peaks={WHOLE: array("h", [20] * (2 * WEEK // WINDOW))}
)


@pytest.mark.parametrize(
    ("usual", "expected"),
    [
        (NOT_KNOWN, None),
        (UsualOfSeries(TWENTY, WHOLE, ALWAYS), Severity.CRITICAL),
    ],
    ids=["not known", "known"],
)
def test_a_window_without_a_reading_breaches_only_where_something_is_usual(
    usual: UsualOfSeries, expected: Severity | None
) -> None:
    """`missing: breach` of usual: a rule that abstains does not fire."""
    bound = UsualBound("<=", fires=40_000, holds=40_000)
    levels = (level(Severity.CRITICAL, usual=bound),)
    made = rule(levels=levels, upper=False, missing=Missing.BREACH)
    assert JudgedSeries(made, {}, usual=usual).confirmed_at(T0, None) is expected


@pytest.mark.parametrize(
    ("op", "slack", "usual", "calls", "goes_on"),
    [
        (">=", 0, 0.0, 0, False),
        (">=", 5, 5.0, 4, False),
        (">=", 5, 5.0, 6, True),
        ("<=", 5, 5.0, 6, False),
        ("<=", 5, 5.0, 4, True),
        ("<=", 0, 0.0, 0, True),
    ],
    ids=["no calls at night", "fewer", "more", "more again", "fewer again", "still dead at night"],
)
def test_no_incident_goes_on_at_usual_calls(
    op: str, slack: int, usual: float, calls: int, *, goes_on: bool
) -> None:
    """Whatever the hysteresis, and where nothing is usual: 0 is 150% of 0."""
    share = 150_000 if op == ">=" else 40_000
    bound = UsualBound(op, fires=share, holds=share, slack=slack * WHOLE_SHARE)
    assert passes(bound, calls, usual, holding=True) is goes_on
