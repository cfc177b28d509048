"""The real handler keeps its deadline, whoever is silent, and the next check does what is left.

The sandbox ends it at the deadline, as Lambda does; `make e2e` runs these on what was built, too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from headroom.domain.windows import WINDOW
from headroom.pipeline.fetch import RESERVE
from headroom.polyai.connection import CONNECTIONS
from headroom_cli.simulator.faults import Fault, FaultKind
from headroom_cli.simulator.lines import Course, Line
from tests.builders import T0
from tests.integration.runtime_setup import HERE, NEAR_LIMIT, surroundings
from tests.local.sandbox import Code, Sandbox

BREACH = WINDOW + 60
"""Seconds after `T0`: a check in the one window in which every line breaches."""
OVER = 3 * WINDOW + 60
"""Once the window after it has closed."""
CALLS = Line(
    (),
    (),
    night=60,
    peak=60,
    noise=0,
    courses=(Course(((T0 + WINDOW, 118), (T0 + 2 * WINDOW, 118))),),
)
TIGHT = RESERVE + 5
"""Seconds for a check that may wait 5 for PolyAI, in place of 30."""
SHORT = 10
"""Seconds: no time to ask anybody anything."""
LANGUAGES = ["en-GB", *(f"{letter}{letter}" for letter in "abcdefghij")]
"""The first is that of the calls."""


@pytest.fixture(scope="module")
def code() -> Code:
    return HERE


def silent(target: str) -> tuple[Fault]:
    """It takes every request until the breach is over, and answers none."""
    return (Fault(target, T0 + BREACH, T0 + OVER, FaultKind.SILENT, seconds=3600),)


def spread(languages: int) -> dict[str, object]:
    """The rule on each of so many languages: a request for each."""
    return {**NEAR_LIMIT, "per": {"language": LANGUAGES[:languages]}}


@pytest.mark.parametrize("requests", [CONNECTIONS, CONNECTIONS + 1])
def test_a_silent_project_ends_no_check_and_keeps_the_others_waiting_for_one_at_most(
    code: Code, tmp_path: Path, requests: int
) -> None:
    """It has every connection, or would have more; no window is lost, its own included."""
    lines = {"booking-line": spread(2), "sales-line": spread(requests), "support-line": spread(2)}
    with (
        surroundings(CALLS, lines) as around,
        Sandbox(code, around.environment, tmp_path / "log") as sandbox,
    ):
        around.simulator.faults = silent("sales-line")
        well = around.check(sandbox, 0)
        cut = around.check(sandbox, BREACH, TIGHT)
        then = around.check(sandbox, BREACH + 60, TIGHT)
        last = around.check(sandbox, OVER)

    assert (well["checked"], well["sent"], well["problems"]) == (3, 0, [])
    assert cut["problems"] == ["support-line: not reached, the check's time ran out"]
    assert told(cut) == [("fired", "booking-line")]
    assert told(then) == [("fired", "support-line")]
    assert cut["unreachable"].keys() == {"sales-line", "support-line"}
    assert then["unreachable"].keys() == {"sales-line"}
    for report in (cut, then):
        assert (report["sent"], report["failed"], report["pending"]) == (1, 0, 0)
    assert told(last) == [
        ("missed", "sales-line"),
        ("resolved", "booking-line"),
        ("resolved", "support-line"),
    ]
    assert (last["checked"], last["sent"], last["pending"], last["problems"]) == (3, 3, 0, [])
    assert (len(around.pager.ids), around.pager.inbox.pages) == (4, {})


def test_a_send_without_time_for_its_own_time_out_is_not_begun_and_the_next_check_sends(
    code: Code, tmp_path: Path
) -> None:
    """The pager is silent besides: a send would have been in the middle at the deadline."""
    lines = {"sales-line": NEAR_LIMIT, "support-line": NEAR_LIMIT}
    with (
        surroundings(CALLS, lines) as around,
        Sandbox(code, around.environment, tmp_path / "log") as sandbox,
    ):
        assert around.check(sandbox, BREACH)["sent"] == 2
        around.remove("support-line")
        around.pager.inbox.faults = (Fault("on-call", 0, T0, FaultKind.SILENT, seconds=3600),)
        short = around.check(sandbox, OVER, SHORT)
        tried = dict(around.pager.inbox.refused)
        around.pager.inbox.faults = ()
        then = around.check(sandbox, OVER + 60)

    assert short["problems"] == ["sales-line: not reached, the check's time ran out"]
    assert told(short) == [("resolved", "support-line")]
    assert (short["sent"], short["failed"], short["pending"], tried) == (0, 0, 1, {})
    assert told(then) == [("resolved", "sales-line")]
    assert (then["sent"], then["pending"], around.pager.inbox.pages) == (2, 0, {})


def told(report: dict[str, list[dict[str, str]]]) -> list[tuple[str, str]]:
    return sorted((notice["kind"], notice["project"]) for notice in report["notices"])
