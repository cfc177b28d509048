"""The handler's edge: what it prints for CloudWatch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from aws_lambda_powertools import Metrics

from functions.check.app import count
from headroom.domain.delivery_failures import FailureReason
from headroom.domain.reasons import Reason
from headroom.domain.usage import Calls
from headroom.pipeline.report import Report

NAMES = {
    "ProjectsChecked",
    "ProjectsUnreachable",
    "ConfigErrors",
    "BaselinesOverdue",
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


def test_a_check_with_nothing_to_report_still_prints_every_metric(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = printed(Report(at=0), capsys)
    assert {name for name in NAMES if line[name] == [0.0]} == NAMES
    described = json.dumps(line["_aws"])
    assert '"Namespace": "Headroom"' in described
    assert all(f'"{name}"' in described for name in NAMES)


FAILURES = Counter({FailureReason.TIMEOUT: 3, FailureReason.RATE_LIMITED: 2})


def test_the_numbers_are_the_reports(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(
        at=0,
        checked=1,
        unreachable={"a": Reason("401"), "b": Reason("401")},
        invalid={"c": "", "d": "", "e": ""},
        sent=4,
        failures=FAILURES,
        baselines_overdue=9,
        pending=6,
        oldest_pending_seconds=7,
        duration_seconds=8.5,
    )
    count(Metrics(namespace="Headroom", service="check"), report)
    line = json.loads(capsys.readouterr().out.splitlines()[0])
    assert [line[name] for name in sorted(NAMES)] == [
        [number] for number in (9.0, 8.5, 3.0, 5.0, 6.0, 4.0, 7.0, 1.0, 2.0)
    ]


def test_failed_sends_are_counted_in_all_and_once_more_by_their_cause(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Alarms and the dashboard use the metric without `reason`."""
    metrics = Metrics(namespace="Headroom", service="check")
    count(metrics, Report(at=0, failures=FAILURES))
    whole, *lines = map(json.loads, capsys.readouterr().out.splitlines())
    assert whole["NoticesFailed"] == [5.0]
    assert "reason" not in whole
    for line in lines:
        (dimensions,) = line.pop("_aws")["CloudWatchMetrics"][0]["Dimensions"]
        assert set(dimensions) == {"service", "reason"}
    assert lines == [
        {"service": "check", "reason": "timeout", "NoticesFailed": [3.0]},
        {"service": "check", "reason": "rate_limited", "NoticesFailed": [2.0]},
    ]
    assert "reason" not in printed(Report(at=0), capsys)  # and the next check begins without


def test_the_answer_has_failed_sends_as_a_number_and_by_reason() -> None:
    answer = Report(at=0, failures=FAILURES).as_json()
    assert answer["failed"] == 5
    assert answer["failed_by_reason"] == {"rate_limited": 2, "timeout": 3}


SWITCH = "HEADROOM_PROJECT_METRICS"
CALLS = {"support-line": Calls(114, 120), "night-line": Calls(7, None)}


def test_projects_have_no_metrics_unless_they_are_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "ConcurrentCalls" not in printed(Report(at=0, calls=CALLS), capsys)


def test_each_project_has_a_line_of_its_own_and_headroom_only_with_a_limit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = Metrics(namespace="Headroom", service="check")
    count(metrics, Report(at=0, calls=CALLS), by_project=True)
    everything, *lines = map(json.loads, capsys.readouterr().out.splitlines())
    assert "project" not in everything
    described = [line.pop("_aws")["CloudWatchMetrics"][0] for line in lines]
    assert lines == [
        {
            "project": "support-line",
            "service": "check",
            "ConcurrentCalls": [114.0],
            "HeadroomCalls": [6.0],
        },
        {"project": "night-line", "service": "check", "ConcurrentCalls": [7.0]},
    ]
    assert {tuple(sorted(each["Dimensions"][0])) for each in described} == {("project", "service")}
    printed(Report(at=0), capsys)  # and the next check's line has no project
    assert "project" not in metrics.provider.dimension_set


def test_the_garbage_collector_is_on_once_the_first_event_is_taken() -> None:
    """Start-up switches it off; a function that kept it off would fill its memory."""
    program = "import app, gc; off = gc.isenabled(); app.edge(); print(off, gc.isenabled())"
    assert ran(program) == "False True"


def test_start_up_looks_for_no_garbage() -> None:
    """Not even while the function's own imports are made."""
    program = "import gc; seen = []; gc.callbacks.append(lambda *_: seen.append(1)); import app"
    assert ran(f"{program}; print(len(seen))") == "0"


@pytest.mark.parametrize(("more", "wanted"), [({}, False), ({SWITCH: "true"}, True)])
def test_the_environment_says_whether_projects_have_metrics(
    more: dict[str, str], *, wanted: bool
) -> None:
    assert ran("import app; print(app.edge()[2])", more) == str(wanted)


def ran(program: str, more: Mapping[str, str] = MappingProxyType({})) -> str:
    """What a program prints beside the function's code, in its environment."""
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
        **more,
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return done.stdout.strip()
