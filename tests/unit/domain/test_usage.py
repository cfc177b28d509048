"""A project's newest calls: which reading that is, and when there is none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from headroom.domain.lateness import known
from headroom.domain.readings import Answer, Failure
from headroom.domain.rules import Project
from headroom.domain.usage import Calls, last_hour, newest
from headroom.domain.windows import WINDOW, Instant, Moment, last_closed
from tests.builders import T0, answer, failure, project, query

NOW = T0 + WINDOW + 90
"""`T0` is the newest closed window; the one after it is open."""


def found(
    answers: Mapping[str, Answer | Failure], *, now: Instant = NOW, of: Project | None = None
) -> Calls | None:
    """Read them as a check does at `now`."""
    asked = of or project()
    reached = known(asked, answers, Moment(now, last_closed(now, 60)), ())
    return newest(asked, answers, reached, now)


def calls(*values: int | None, last: int = T0 + WINDOW, now: Instant = NOW) -> Calls | None:
    """Of a project whose whole has these readings, the last in that window."""
    return found({query().key: answer(values, last=last)}, now=now)


@pytest.mark.parametrize(
    ("values", "highest"),
    [
        ((90, 100, 3), 100),  # the open window has just begun
        ((90, 100, 114), 114),
        ((110, 100, 3), 100),  # older than the newest closed one
        ((90, 100, None), 100),
        ((90, None, 3), 90),  # the newest closed one is late: the open one says nothing of it
        ((90, 0, 0), 0),
    ],
)
def test_it_is_the_highest_of_the_newest_closed_window_and_the_open_ones(
    values: tuple[int | None, ...], highest: int
) -> None:
    assert calls(*values) == Calls(highest, 120)


def test_both_windows_count_that_are_open_around_a_boundary() -> None:
    at_the_boundary = T0 + 2 * WINDOW + 30
    answers = {query().key: answer((50, 80, 2), last=T0 + 2 * WINDOW)}
    assert found(answers, now=at_the_boundary) == Calls(80, 120)


def test_a_window_without_a_reading_is_no_zero() -> None:
    assert calls(110, None, None, 0, now=NOW + WINDOW) == Calls(0, 120)
    assert found({query().key: Answer({})}) is None


def test_a_late_line_has_what_its_newest_reading_says_until_it_counts_as_unreachable() -> None:
    assert calls(100, 110, last=T0 - WINDOW) == Calls(110, 120)
    hour = (100,) * 12
    assert calls(*hour, last=T0, now=T0 + 5 * WINDOW) is None


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {query().key: failure()},
        {query(language="es-ES").key: answer(last=T0)},
        {query(slice_by="variant").key: answer(last=T0, key="v1")},
        {query(client_env="sandbox").key: answer(last=T0)},
    ],
)
def test_nothing_is_made_up_where_the_whole_project_was_not_read(
    answers: dict[str, Answer | Failure],
) -> None:
    assert found(answers) is None


def test_the_whole_project_is_that_of_its_own_environment() -> None:
    answers = {
        query(client_env="sandbox").key: answer((7,), last=T0),
        query().key: answer((90,), last=T0),
    }
    assert found(answers, of=project(client_env="sandbox")) == Calls(7, 120)


def test_headroom_is_what_the_limit_leaves_also_below_zero_and_none_without_one() -> None:
    assert Calls(114, 120).headroom == 6
    assert Calls(125, 120).headroom == -5
    assert Calls(125, None).headroom is None


def test_the_last_hour_has_the_reading_of_each_window_and_none_where_there_is_none() -> None:
    hour = last_hour(project(), {query().key: answer((70, None, 114))}, T0 + 60)
    assert hour.peaks[-4:] == (None, 70, None, 114)
