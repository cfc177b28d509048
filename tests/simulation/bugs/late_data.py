"""Bugs to plant in the handling of late data, corrections and history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headroom.domain import evaluation, lateness
from headroom.domain.due_windows import DueWindows
from headroom.domain.incidents import Progress
from headroom.domain.lateness import Known
from headroom.domain.readings import Query
from headroom.domain.rules import Rule
from headroom.domain.windows import Instant, Moment


def late_data_taken_for_no_calls(patch: pytest.MonkeyPatch) -> None:
    def at_once(_: Any, answers: dict[str, Any], moment: Moment) -> dict[str, Known]:  # noqa: ANN401
        return dict.fromkeys(answers, Known(moment.closed))

    patch.setattr(evaluation, "known", at_once)


def correction_not_notified(patch: pytest.MonkeyPatch) -> None:
    first = DueWindows.first

    def recent(self: DueWindows, query: Query, rule: Rule) -> Instant:
        return first(self, query, replace(rule, upper=False))

    patch.setattr(DueWindows, "first", recent)


def recovered_severity_not_notified(patch: pytest.MonkeyPatch) -> None:
    """A notice has the severity of now, not the highest since the last check."""
    patch.setattr(Progress, "hold_top", Progress.forget_top)


def notified_again_after_its_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluation, "_needed", lambda *_: {})


def history_notified(patch: pytest.MonkeyPatch) -> None:
    first = DueWindows.first

    def whole(self: DueWindows, query: Query, rule: Rule) -> Instant:
        project, state = replace(self.project, changed=0), replace(self.state, since=0)
        known = self if state.new else replace(self, project=project, state=state)
        return first(known, query, rule)

    patch.setattr(DueWindows, "first", whole)


def stopped_data_taken_for_no_calls(patch: pytest.MonkeyPatch) -> None:
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
