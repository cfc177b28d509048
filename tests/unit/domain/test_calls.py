"""A project's newest calls: which reading that is, and when there is none."""

from __future__ import annotations

import pytest

from headroom.domain.calls import Calls, newest
from headroom.domain.readings import Answer, Failure
from headroom.domain.windows import WINDOW
from tests.builders import T0, answer, failure, project, query

CLOSED = T0
NOW = T0 + WINDOW + 90
"""The window after the newest closed one is open."""


def calls(*values: int | None, last: int = T0 + WINDOW) -> Calls | None:
    """Of a project whose whole has these readings, the last in that window."""
    return newest(project(), {query().key: answer(values, last=last)}, CLOSED, NOW)


@pytest.mark.parametrize(
    ("values", "highest"),
    [
        ((90, 100, 3), 100),  # the open window has just begun
        ((90, 100, 114), 114),
        ((110, 100, 3), 100),  # older than the newest closed one
        ((90, 100, None), 100),
        ((90, None, 3), 3),
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
    found = newest(project(), answers, CLOSED, at_the_boundary)
    assert found == Calls(80, 120)


def test_a_window_without_a_reading_is_no_zero() -> None:
    assert calls(110, None, None) is None
    assert newest(project(), {query().key: Answer({})}, CLOSED, NOW) is None


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
    assert newest(project(), answers, CLOSED, NOW) is None


def test_the_whole_project_is_that_of_its_own_environment() -> None:
    answers = {
        query(client_env="sandbox").key: answer((7,), last=T0),
        query().key: answer((90,), last=T0),
    }
    assert newest(project(client_env="sandbox"), answers, CLOSED, NOW) == Calls(7, 120)


def test_headroom_is_what_the_limit_leaves_also_below_zero_and_none_without_one() -> None:
    assert Calls(114, 120).headroom == 6
    assert Calls(125, 120).headroom == -5
    assert Calls(125, None).headroom is None
