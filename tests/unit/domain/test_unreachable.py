"""When a project that cannot be read is worth a notice, and how severe it is (DESIGN 4.5)."""

from __future__ import annotations

import pytest

from headroom.domain.lateness import Known, fell_silent
from headroom.domain.rules import Severity
from headroom.domain.unreachable import severity_of
from tests.builders import T0, failure

BUSY = failure(code=503, detail="unavailable", lasting=False)


@pytest.mark.parametrize(
    ("seconds", "severity"),
    [
        (599, None),
        (600, Severity.WARNING),
        (1799, Severity.WARNING),
        (1800, Severity.CRITICAL),
    ],
)
def test_what_may_pass_is_a_warning_after_10_minutes_and_critical_after_30(
    seconds: int, severity: Severity | None
) -> None:
    assert severity_of([BUSY], seconds) is severity


def test_what_does_not_pass_is_a_warning_at_once_and_critical_after_30_minutes() -> None:
    assert severity_of([BUSY, failure()], 0) is Severity.WARNING
    assert severity_of([failure()], 1800) is Severity.CRITICAL


def test_one_of_several_queries_that_stopped_is_enough_to_have_fallen_silent() -> None:
    found = {"silent": Known(T0, silent=T0 - 3600), "late": Known(T0)}
    assert fell_silent(found, ("silent", "late"))
    assert not fell_silent(found, ("late",))
