"""The handler's edge: what it prints for CloudWatch."""

from __future__ import annotations

import json

import pytest
from aws_lambda_powertools import Metrics

from functions.check.app import count
from headroom.report import Report

NAMES = {
    "ProjectsChecked",
    "ProjectsUnreachable",
    "ConfigErrors",
    "NoticesSent",
    "NoticesFailed",
    "NoticesPending",
    "OldestPendingSeconds",
    "CheckDuration",
}
"""DESIGN section 7: alarms and dashboards rely on them."""


def printed(report: Report, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    count(Metrics(namespace="Headroom", service="check"), report)
    line: dict[str, object] = json.loads(capsys.readouterr().out)
    return line


def test_a_check_with_nothing_to_tell_still_prints_every_metric(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = printed(Report(at=0), capsys)
    assert {name for name in NAMES if line[name] == [0.0]} == NAMES
    described = json.dumps(line["_aws"])
    assert '"Namespace": "Headroom"' in described
    assert all(f'"{name}"' in described for name in NAMES)


def test_the_numbers_are_the_reports(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(
        at=0,
        checked=1,
        unreachable={"a": "401", "b": "401"},
        refused={"c": "", "d": "", "e": ""},
        sent=4,
        failed=5,
        pending=6,
        oldest_pending_seconds=7,
        duration_seconds=8.5,
    )
    line = printed(report, capsys)
    assert [line[name] for name in sorted(NAMES)] == [
        [number] for number in (8.5, 3.0, 5.0, 6.0, 4.0, 7.0, 1.0, 2.0)
    ]
