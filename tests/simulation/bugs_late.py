"""Bugs to plant in what comes late: publication, corrections, and what is history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headroom.domain import evaluation, lateness
from headroom.domain import transition as turn
from headroom.domain.course import Episode
from headroom.domain.evaluation import Standing
from headroom.domain.lateness import Known
from headroom.domain.rules import Rule
from headroom.domain.windows import Instant, Moment


def late_taken_for_no_calls(patch: pytest.MonkeyPatch) -> None:
    def at_once(_: Any, answers: dict[str, Any], moment: Moment) -> dict[str, Known]:  # noqa: ANN401
        return dict.fromkeys(answers, Known(moment.closed))

    patch.setattr(evaluation, "known", at_once)


def correction_not_told(patch: pytest.MonkeyPatch) -> None:
    first = Standing.first

    def recent(self: Standing, query: str, rule: Rule, moment: Moment) -> Instant:
        return first(self, query, replace(rule, upper=False), moment)

    patch.setattr(Standing, "first", recent)


def what_came_and_went_is_not_told(patch: pytest.MonkeyPatch) -> None:
    """An incident is told as severe as it is now, whatever it was since the last check."""
    patch.setattr(Episode, "hold_top", Episode.forget_top)


def told_again_after_its_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluation, "_needed", lambda *_: {})


def history_is_news(patch: pytest.MonkeyPatch) -> None:
    stands = turn.stands
    patch.setattr(
        turn, "stands", lambda *asked, **more: replace(stands(*asked, **more), joined=0, since=0)
    )


def stopped_answer_taken_for_silence(patch: pytest.MonkeyPatch) -> None:
    known = lateness.known

    def silent(
        project: Any,  # noqa: ANN401
        answers: dict[str, Any],
        moment: Moment,
        stopped: Any,  # noqa: ANN401
    ) -> dict[str, Known]:
        found = known(project, answers, moment, stopped)
        return {key: Known(moment.overdue) if each.failure else each for key, each in found.items()}

    patch.setattr(evaluation, "known", silent)
