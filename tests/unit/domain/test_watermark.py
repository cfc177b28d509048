"""Where projects stand, in which order they come, and how the watermark moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headroom.domain.watermark import Reached, Watermark, begin, moved, order, start
from headroom.domain.windows import WINDOW, Instant, Moment
from tests.builders import T0, document, incident, watermark

NAMES = ("a", "b", "c", "d", "e")


def at(closed: Instant) -> Moment:
    return Moment(closed + WINDOW + 60, closed)


def reached(mark: Watermark | None, *missed: str, waiting: bool = True) -> Reached:
    return Reached(order(NAMES, mark), missed, waiting=waiting)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=12))
def test_no_project_is_ever_taken_as_further_than_it_was_evaluated(
    checks: list[tuple[int, int]],
) -> None:
    """Checks that run out of time after so many projects, some windows apart."""
    mark: Watermark | None = watermark(projects=NAMES)
    done = dict.fromkeys(NAMES, T0)
    closed = T0
    for windows, far in checks:
        closed += windows * WINDOW
        queue = order(NAMES, mark)
        for name in queue[:far]:
            done[name] = closed
        found = moved(mark, Reached(queue, queue[far:], waiting=bool(queue[far:])), at(closed))
        mark = found or mark
        for name in NAMES:
            since = start(name, None, mark)
            assert since is not None
            assert since <= done[name]


@given(st.integers(1, 4))
def test_checks_that_reach_only_some_projects_reach_all_in_turn(far: int) -> None:
    mark: Watermark | None = watermark(projects=NAMES)
    for step in range(1, 12):
        queue = order(NAMES, mark)
        mark = moved(mark, Reached(queue, queue[far:], waiting=True), at(T0 + step * WINDOW))
    assert mark is not None
    assert mark.window > T0


def test_after_a_stop_those_before_it_stand_where_they_came_to() -> None:
    mark = moved(watermark(projects=NAMES), reached(None, "c", "d", "e"), at(T0 + WINDOW))
    assert mark is not None
    assert [start(name, None, mark) for name in NAMES] == [T0 + WINDOW] * 2 + [T0] * 3


def test_those_before_a_missed_project_that_has_its_own_mark_stand_where_the_others_do() -> None:
    """Its document cannot be read, say; the shard's watermark does not wait for it."""
    stopped = reached(None, "c", waiting=False)
    mark = moved(watermark(projects=NAMES), stopped, at(T0 + WINDOW))
    assert mark is not None
    assert {start(name, None, mark) for name in NAMES} == {T0 + WINDOW}


def test_the_watermark_never_goes_back() -> None:
    assert moved(watermark(projects=NAMES), reached(None, waiting=False), at(T0 - WINDOW)) is None


def test_a_new_project_joins_only_where_the_watermark_is_up_to_date() -> None:
    """Before, it would be given windows that are history to it."""
    mark = watermark(projects=("a", "b"))
    waits = moved(mark, reached(None, "b"), at(T0 + WINDOW))
    assert waits is not None
    assert waits.projects == ("a", "b")
    goes = moved(mark, reached(None, waiting=False), at(T0 + WINDOW))
    assert goes is not None
    assert goes.projects == NAMES


def test_a_project_knows_for_an_hour_since_when_it_is_watched() -> None:
    """What was over before is history: its windows are not judged again."""
    late = Reached(("a", "b"), (), waiting=False)
    mark = moved(None, late, at(T0))
    assert mark is not None
    assert (mark.since, mark.joined) == (T0, {})
    assert begin("a", None, mark, at(T0 + WINDOW)).since == T0
    mark = moved(mark, Reached(("a", "b", "c"), (), waiting=False), at(T0 + WINDOW))
    assert mark is not None
    assert (mark.since, mark.joined) == (T0, {"c": T0 + WINDOW})
    assert begin("c", None, mark, at(T0 + WINDOW)).since == T0 + WINDOW
    assert begin("a", None, mark, at(T0 + WINDOW)).since == T0
    later = moved(mark, Reached(("a", "b", "c"), (), waiting=False), at(T0 + 14 * WINDOW))
    assert later is not None
    assert later.joined == {}


def test_what_was_stored_before_that_was_known_begins_where_it_is() -> None:
    older = watermark(projects=NAMES)
    assert older.since is None
    assert begin("a", None, older, at(T0 + WINDOW)).since == T0
    mark = moved(older, reached(None, waiting=False), at(T0 + WINDOW))
    assert mark is not None
    assert mark.since == T0
    known = document(watermark=T0 - WINDOW, incidents={"x": incident()})
    assert begin("support-line", known, older, at(T0)).since == T0 - WINDOW


def test_a_quiet_document_follows_the_later_watermark_and_any_other_its_own() -> None:
    quiet, mark = document(watermark=T0), watermark(window=T0 + WINDOW)
    assert start("support-line", quiet, mark) == T0 + WINDOW
    assert start("support-line", document(watermark=T0 + 2 * WINDOW), mark) == T0 + 2 * WINDOW
    troubled = document(watermark=T0 - WINDOW, incidents={"x": incident()})
    assert start("support-line", troubled, mark) == T0 - WINDOW
