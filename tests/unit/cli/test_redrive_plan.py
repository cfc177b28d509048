"""What is sent again says how late it is, and whom it may page is read from the table."""

from __future__ import annotations

import pytest

from headroom.domain.watermark import Loaded
from headroom_cli.redrive.plan import FRESH, Obstacle, mark_late, page_obstacle
from tests.builders import T0, document, incident, notice
from tests.unit.cli.redrive_desk import FIRED, OPEN


@pytest.mark.parametrize("name", ["support-line", "headroom/own"])
def test_nobody_is_paged_while_it_cannot_be_told_whether_it_is_over(name: str) -> None:
    assert (
        page_obstacle(FIRED, Loaded(OPEN.documents, None, {name: "makes no sense"}))
        is Obstacle.UNREAD
    )
    other = Loaded(OPEN.documents, None, {"sales": "makes no sense"})
    assert page_obstacle(FIRED, other) is None


def test_an_incident_kept_in_headrooms_own_document_is_open_too() -> None:
    own = document(project="headroom/own", incidents={FIRED.alert_id: incident()})
    assert page_obstacle(FIRED, Loaded({"headroom/own": own}, None)) is None


@pytest.mark.parametrize(
    ("seconds", "line"),
    [(FRESH - 1, FIRED.summary), (FRESH, f"LATE 1 min: {FIRED.summary}")],
)
def test_the_first_line_says_how_late_it_is_and_all_else_stays(seconds: int, line: str) -> None:
    told = mark_late(FIRED, T0 + seconds)
    assert told.summary == line
    assert {**told.as_json(), "summary": ""} == {**FIRED.as_json(), "summary": ""}


def test_a_late_first_line_keeps_to_its_80_characters() -> None:
    long = notice(summary="CRITICAL 114/120 calls (95%) " + "x" * 51)
    assert len(mark_late(long, T0 + 90_000).summary) == 80


def test_a_late_first_line_says_that_it_is_over_also_when_it_is_young() -> None:
    assert mark_late(FIRED, T0 + 540, over=True).summary == f"LATE 9 min, over: {FIRED.summary}"
    assert mark_late(FIRED, T0, over=True).summary.startswith("LATE 0 min, over: ")
    long = notice(summary="CRITICAL 114/120 calls (95%) " + "x" * 51)
    assert len(mark_late(long, T0 + 90_000, over=True).summary) == 80
