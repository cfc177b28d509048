"""Bugs to plant in the hours of rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headroom.domain import describe
from headroom.domain.hours import ALWAYS, Hours
from headroom.domain.m_of_n import JudgedSeries
from headroom.domain.rules import Severity
from headroom.domain.windows import Instant


def hours_ignored_on_open_windows(patch: pytest.MonkeyPatch) -> None:
    tentative = JudgedSeries.tentative_at

    def around_the_clock(self: JudgedSeries, window: Instant, closed: Instant) -> Severity | None:
        return tentative(replace(self, rule=replace(self.rule, hours=ALWAYS)), window, closed)

    patch.setattr(JudgedSeries, "tentative_at", around_the_clock)


def windows_counted_across_the_night(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(JudgedSeries, "_stretch", lambda _, slots: slots)


def hours_by_the_clock_of_utc(patch: pytest.MonkeyPatch) -> None:
    active = Hours.active
    patch.setattr(Hours, "active", lambda self, at: active(replace(self, zone="UTC"), at))


def end_of_hours_taken_for_recovery(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(describe, "OUTSIDE_HOURS", "")


def holidays_ignored(patch: pytest.MonkeyPatch) -> None:
    active = Hours.active
    nothing: frozenset[object] = frozenset()
    patch.setattr(Hours, "active", lambda self, at: active(replace(self, holidays=nothing), at))
