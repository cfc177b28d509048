"""The handler's edge: what it prints for CloudWatch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

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


def test_the_garbage_collector_is_on_once_the_first_event_is_taken() -> None:
    """Start-up switches it off; a function that kept it off would fill its memory."""
    program = "import app, gc; off = gc.isenabled(); app.edge(); print(off, gc.isenabled())"
    top = Path(__file__).parents[2]
    path = os.pathsep.join([str(top / "functions/check"), str(top / "layers/headroom")])
    environment = {
        "PYTHONPATH": path,
        "HEADROOM_SSM_PREFIX": "/headroom/test",
        "HEADROOM_TABLE": "headroom",
        "HEADROOM_TOPIC_ARN": "arn:aws:sns:eu-west-2:123456789012:headroom",
        "HEADROOM_DEAD_LETTER_URL": "https://sqs.eu-west-2.amazonaws.com/123456789012/headroom",
        "POWERTOOLS_METRICS_NAMESPACE": "Headroom",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert done.stdout.strip() == "False True"
