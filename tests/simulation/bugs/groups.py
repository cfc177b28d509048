"""Bugs to plant in groups of lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from headroom.domain import evaluation, groups
from headroom.domain.readings import Answer
from headroom.domain.rules import Basis
from headroom.pipeline.fetch import Fetch


def partial_group_taken_for_whole(patch: pytest.MonkeyPatch) -> None:
    combined = groups.combined

    def whole(due: Any, rule: Any, query: Any, answers: Any, reached: Any) -> Any:  # noqa: ANN401
        found = combined(due, rule, query, answers, reached)
        if found is None or not found.reach.partial:
            return found
        asked = due.project.asked(query)
        read = [reached[each.key] for each in asked if isinstance(answers[each.key], Answer)]
        return groups.Combined(found.answer, groups._reach(read), found.members)

    patch.setattr(evaluation, "combined", whole)


def member_counted_twice(patch: pytest.MonkeyPatch) -> None:
    combine = groups.combine

    def twice(basis: Basis, answers: Iterable[Answer]) -> Answer:
        first, *others = answers
        return combine(basis, [first, first, *others])

    patch.setattr(groups, "combine", twice)


def largest_member_taken_for_the_sum(patch: pytest.MonkeyPatch) -> None:
    combine = groups.combine
    patch.setattr(groups, "combine", lambda _, answers: combine(Basis.MAX, answers))


def equal_queries_sent_for_each(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Fetch, "share", lambda *_: None)
