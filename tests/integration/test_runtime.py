"""The handler under the runtime client of Lambda itself: what AWS is told, and what a kill leaves.

`make e2e` runs these once more on what was built, under the Python that Lambda runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from headroom.domain.windows import iso
from headroom_cli.simulator.lines import Line
from tests.builders import T0
from tests.integration.runtime_setup import HERE, NEAR_LIMIT, Around, surroundings
from tests.local.sandbox import TIMEOUT, Code, Sandbox

LEASE = round(TIMEOUT) + 60
"""Seconds: the function's time-out and a minute."""


@pytest.fixture(scope="module")
def code() -> Code:
    return HERE


@pytest.fixture
def around() -> Iterator[Around]:
    """One project, whose line breaches."""
    breach = Line((), (), night=118, peak=118, noise=0)
    with surroundings(breach, {"support-line": NEAR_LIMIT}) as made:
        yield made


def test_a_good_event_is_answered_with_the_report(
    code: Code, around: Around, tmp_path: Path
) -> None:
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        report = around.check(sandbox, 0)

    assert (report["checked"], report["sent"], report["pending"]) == (1, 1, 0)


def test_an_event_that_is_none_is_an_error_and_the_process_goes_on(
    code: Code, around: Around, tmp_path: Path
) -> None:
    """An error of the invocation, which Lambda counts and keeps in the queue."""
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        answer = sandbox.invoke({"time": "now"})
        around.check(sandbox, 0)

    assert answer.kind == "error"
    assert answer.body["errorType"] == "EventError"
    assert answer.body["errorMessage"].startswith("cannot start a check from 'now': expected ")
    assert set(answer.body) == {"errorType", "errorMessage", "requestId", "stackTrace"}


def test_a_missing_setting_is_told_by_every_event_and_mended_by_the_next_start(
    code: Code, around: Around, tmp_path: Path
) -> None:
    """Settings are read with the first event: to Lambda the start is well, the check is not."""
    less = {name: text for name, text in around.environment.items() if name != "HEADROOM_TABLE"}
    with Sandbox(code, less, tmp_path / "log") as sandbox:
        answers = [sandbox.invoke({"time": iso(T0)}) for _ in range(2)]
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        report = around.check(sandbox, 0)

    for answer in answers:
        assert (answer.kind, answer.body["errorType"]) == ("error", "SettingsError")
        assert answer.body["errorMessage"].startswith("HEADROOM_TABLE is not set: ")
    assert report["sent"] == 1


def test_code_that_cannot_be_imported_fails_at_the_start_and_the_next_one_works(
    code: Code, around: Around, tmp_path: Path
) -> None:
    empty = tmp_path / "layer/aws_lambda_powertools/__init__.py"
    empty.parent.mkdir(parents=True)
    empty.touch()
    broken = Code(code.python, code.task, (tmp_path / "layer", *code.layers))
    with Sandbox(broken, around.environment, tmp_path / "log") as sandbox:
        told, then = sandbox.answer(), sandbox.answer()
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        report = around.check(sandbox, 0)

    assert (told.kind, told.body["errorType"]) == ("init/error", "Runtime.ImportModuleError")
    assert "Unable to import module 'app': cannot import name 'Log" in told.body["errorMessage"]
    assert then.kind == "gone"
    assert report["sent"] == 1


@pytest.mark.parametrize("too_late", [False, True], ids=["before it was taken", "after"])
def test_a_check_that_is_killed_while_it_sends_leaves_the_notice_to_one_after_its_lease(
    code: Code, around: Around, tmp_path: Path, *, too_late: bool
) -> None:
    """Told once; twice, with the same id, where the kill came between the send and its record."""
    pager = around.pager
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        pager.kills, pager.too_late = sandbox, too_late
        around.simulator.now = T0
        assert sandbox.invoke({"time": iso(T0)}).kind == "gone"
    told = list(pager.ids)
    with Sandbox(code, around.environment, tmp_path / "log") as sandbox:
        held = around.check(sandbox, LEASE - 10)
        assert (held["pending"], pager.ids) == (1, told)
        after = around.check(sandbox, LEASE + 10)
        assert (after["sent"], after["pending"]) == (1, 0)
        assert around.check(sandbox, LEASE + 70)["sent"] == 0

    assert len(told) == (1 if too_late else 0)
    assert len(pager.ids) == len(told) + 1
    assert len(set(pager.ids)) == 1
    assert len(pager.inbox.pages) == 1
