"""Bugs to plant in evaluation: windows, incidents, built-in alerts and watermarks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headroom.domain import evaluation, lifecycle, notify, transition, windows
from headroom.domain.lifecycle import Event, Status, Transition
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.rules import Level, Severity
from headroom.domain.thresholds import level
from headroom.domain.watermark import moved
from headroom.domain.windows import Instant
from headroom.pipeline import projects


def watermark_passes_what_was_missed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        "headroom.pipeline.progress.moved",
        lambda mark, reached, moment: moved(
            mark, replace(reached, unfinished=(), waiting=False), moment
        ),
    )


def watermark_moves_on_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluation, "_behind", lambda *_: {})


def settle_ignored(patch: pytest.MonkeyPatch) -> None:
    moment = windows.Moment.at
    patch.setattr(windows.Moment, "at", lambda now, *, late, **_: moment(now, settle=0, late=late))


def open_window_for_a_lower_bound(patch: pytest.MonkeyPatch) -> None:
    tentative = JudgedSeries.tentative_at

    def at_once(judged: JudgedSeries, window: Instant, closed: Instant) -> Severity | None:
        if judged.rule.upper:
            return tentative(judged, window, closed)
        return judged.confirmed_at(window, None)

    patch.setattr(JudgedSeries, "tentative_at", at_once)


def hysteresis_inverted(patch: pytest.MonkeyPatch) -> None:
    def inverted(*asked: Any) -> Level:  # noqa: ANN401
        made = level(*asked)
        return replace(made, holds=2 * made.fires - made.holds)

    patch.setattr("headroom.config.rules.level", inverted)


def missed_not_notified(patch: pytest.MonkeyPatch) -> None:
    row = Status.OK, Event.CAME_AND_WENT
    patch.setitem(lifecycle.TABLE, row, Transition(Status.OK, None))


def judged_at_ignored(patch: pytest.MonkeyPatch) -> None:
    judge = transition.judge
    patch.setattr(
        projects,
        "judge",
        lambda document, *asked, **more: judge(replace(document, judged_at=0), *asked, **more),
    )


def closed_incident_fires_under_its_old_id(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transition, "closings", lambda *_: {})


def first_try_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evaluation, "_never_read", lambda *_: {})


def reminders_without_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(notify, "MOST_REMINDERS", 1_000)


def each_project_alerts_on_a_shared_cause(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transition, "its_own", lambda _project, failures, _shared: list(failures))


def joined_channels_not_notified(patch: pytest.MonkeyPatch) -> None:
    for status in (Status.WARNING, Status.CRITICAL):
        row = status, Event.CHANNEL_ADDED
        patch.setitem(lifecycle.TABLE, row, Transition(status, None))
