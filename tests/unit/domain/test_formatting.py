"""Text that goes everywhere: the first line of a notice, and what a digest leaves out."""

from __future__ import annotations

import pytest

from headroom.domain.digest import COUNTED, LISTED, Digest
from headroom.domain.formatting import ascii_line, duration
from headroom.domain.reasons import Details
from tests.builders import notice


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("São Paulo", "Sao Paulo"),
        ("東京 line", "?? line"),
        ("join\u200der\x07", "joiner"),
        ("two\n lines", "two lines"),
    ],
)
def test_the_first_line_drops_accents_and_marks_what_has_no_ascii_form(
    text: str, line: str
) -> None:
    assert ascii_line(text) == line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 min"),
        (1500, "25 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (273600, "3 d 4 h"),
        (259200, "3 d"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: int, text: str) -> None:
    assert duration(seconds) == text


def test_details_are_fields_beside_the_reason_and_nothing_where_there_are_none() -> None:
    details = Details(code="401", key="default")
    assert details.as_json("expired") == {"text": "expired", "code": "401", "key": "default"}
    assert Details().as_json("expired") == {}


def test_a_digest_counts_by_project_and_rule_as_many_as_it_names_and_then_the_others() -> None:
    listed = [notice(project="a-first", series=f"{number}") for number in range(LISTED)]
    more = [notice(project=f"line-{number}") for number in range(COUNTED + 3)]
    rest = Digest((*listed, *more)).rest
    assert rest.startswith(f"and {COUNTED + 3} more: 1 x line-0 near-limit, ")
    assert rest.endswith(f"1 x line-{COUNTED - 1} near-limit, 3 others")
    assert "others" not in Digest((*listed, *more[:COUNTED])).rest
