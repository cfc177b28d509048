"""Bugs to plant in what is usual, and in the trend."""

from __future__ import annotations

from typing import Any

import pytest

from headroom.domain import m_of_n, usual
from headroom.domain.baselines import Baselines, Unread
from headroom.domain.hours import Hours
from headroom.domain.trend import Forecast
from headroom.domain.windows import WEEK, Instant
from headroom.pipeline.baselines import KnownBaselines


def week_of_the_window_counted(patch: pytest.MonkeyPatch) -> None:
    before = usual.weeks_before

    def with_its_own(window: Instant, zone: str) -> tuple[Instant, ...]:
        return window, *before(window, zone)[:-1]

    patch.setattr(usual, "weeks_before", with_its_own)


def weeks_of_utc(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        usual, "weeks_before", lambda window, _: tuple(window - n * WEEK for n in range(1, 5))
    )


def weeks_with_incidents_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(usual, "within", lambda *_: False)


def holidays_of_earlier_weeks_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hours, "is_holiday", lambda *_: False)


def band_dropped(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(m_of_n, "is_unusual", lambda *_, **__: True)


def band_needed_to_go_on(patch: pytest.MonkeyPatch) -> None:
    unusual = usual.is_unusual

    def always(bound: Any, value: int, calls: float, *, holding: bool) -> bool:  # noqa: ANN401
        upper = bound.op.startswith(">")
        return passes(bound, value, calls, holding=holding) and unusual(value, calls, upper=upper)

    passes = m_of_n.passes
    patch.setattr(m_of_n, "passes", always)


def unread_weeks_taken_for_none(patch: pytest.MonkeyPatch) -> None:
    of = KnownBaselines.of

    def known(self: KnownBaselines, project: str) -> Baselines:
        return {k: each for k, each in of(self, project).items() if not isinstance(each, Unread)}

    patch.setattr(KnownBaselines, "of", known)


def error_of_the_forecast_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Forecast, "error", lambda *_: 0.0)


def trend_below_usual_fires(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(m_of_n, "is_above_usual", lambda *_: True)
