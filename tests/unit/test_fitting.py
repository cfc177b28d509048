"""The function's answer and log line hold what Lambda takes, and say what they leave out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.check.app import LOGGED
from headroom.domain.alerts import RoutedNotice
from headroom.domain.notices import Kind
from headroom.domain.reasons import Reason
from headroom.domain.rules import Severity
from headroom.pipeline.report import Report
from headroom.pipeline.report_limits import ANSWER, LOG_LINE, fitted
from tests.builders import notice

LAMBDA, LOG_EVENT = 6 * 1024 * 1024, 256 * 1024
STORM = 3000


def storm() -> Report:
    """Everything fires, the one critical last, and nothing can be read or delivered either."""
    report = Report(at=0, projects=STORM)
    long = "what PolyAI says of it, in Español, " * 14
    for number in range(STORM):
        name = f"support-line-of-a-long-name-{number}"
        severity = Severity.CRITICAL if number == STORM - 1 else Severity.WARNING
        made = replace(
            notice(Kind.FIRED), project=name, severity=severity, description=long, reason=long
        )
        report.notices.append(RoutedNotice(made, ("ops-slack", "on-call")))
        report.unreachable[name], report.invalid[name] = Reason(long), long
        report.unfinished[name] = long
    return report


@pytest.mark.parametrize(("room", "limit"), [(ANSWER, LAMBDA), (LOG_LINE, LOG_EVENT)])
def test_3000_notices_stay_below_the_limit_and_what_is_left_out_is_counted(
    room: int, limit: int
) -> None:
    whole = storm().as_json()
    assert len(json.dumps(whole)) > limit
    if room == LOG_LINE:
        whole["notices"] = [{name: each[name] for name in LOGGED} for each in whole["notices"]]
    cut = fitted(whole, room)
    assert room / 2 < len(json.dumps(cut)) <= room
    for part in ("notices", "unreachable", "config_errors", "problems"):
        assert 0 < len(cut[part]) == STORM - cut["left_out"][part]
    assert cut["notices"][0] == whole["notices"][-1], "the critical one first, and whole"
    assert all(each in whole["notices"] for each in cut["notices"][:20])
    assert cut["projects"] == STORM


def test_what_fits_is_left_as_it_is() -> None:
    report = Report(
        at=0, notices=[RoutedNotice(notice(Kind.FIRED), ("ops-slack",))], other_problems=["one"]
    )
    assert fitted(report.as_json(), ANSWER) == {**report.as_json(), "left_out": {}}


TEXTS = st.lists(st.text(max_size=300), max_size=30)


@given(TEXTS, TEXTS, st.integers(2_000, 20_000))
def test_no_report_is_longer_than_its_room(
    names: list[str], problems: list[str], room: int
) -> None:
    report = Report(at=0, other_problems=problems)
    for name in names:
        report.unreachable[name], report.invalid[name] = Reason(name * 3), name * 3
        made = replace(notice(Kind.FIRED), project=name)
        report.notices.append(RoutedNotice(made, ()))
    assert len(json.dumps(fitted(report.as_json(), room))) <= room
