"""DESIGN 5.5: a digest says the most severe first, and names or counts all that it stands for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headroom.channels.slack_blocks import digest_payload
from headroom.domain.digest import Digest
from headroom.domain.headline import LENGTH
from headroom.domain.notices import Kind, Notice
from headroom.domain.rules import Severity
from tests.builders import T0, notice
from tests.unit.channels.cases import DIGEST, LONGEST, notices


def firing(count: int, severity: Severity, project: str = "support-line") -> list[Notice]:
    return [
        notice(series=f"{severity} {number}", severity=severity, project=project)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (
            firing(12, Severity.CRITICAL),
            "CRITICAL 12 alerts in 1 project: support-line near-limit",
        ),
        (
            [*firing(5, Severity.WARNING), *firing(1, Severity.CRITICAL, project="claims")],
            "CRITICAL 1 of 6 alerts in 2 projects: claims near-limit, support-line near-limit",
        ),
        (
            [notice(Kind.RESOLVED), notice(Kind.MISSED, rule="other")],
            "RESOLVED 1 alert in 1 project: support-line near-limit",
        ),
        (
            [notice(Kind.MISSED), notice(Kind.MISSED, rule="other")],
            "MISSED 2 alerts in 1 project: support-line near-limit, support-line other",
        ),
    ],
)
def test_the_first_line_says_how_bad_how_many_and_where(told: list[Notice], line: str) -> None:
    assert Digest(tuple(told)).summary == line


def test_a_critical_behind_warnings_is_the_first_line_and_everything_is_named_or_counted() -> None:
    told = [*firing(70, Severity.WARNING), notice(series="the one")]
    digest = Digest(tuple(told))
    assert digest.lines[0] == told[-1].summary
    assert digest.rest == "and 51 more: 51 x support-line near-limit"


def test_an_alert_that_ended_and_fired_again_is_listed_as_it_is_now() -> None:
    digest = Digest((notice(Kind.RESOLVED), notice(since=T0 + 3000, at=T0 + 3000)))
    assert digest.lines == ("CRITICAL 114/120 calls (95%) support-line near-limit",)


def test_what_was_over_before_it_was_sent_is_one_line() -> None:
    assert DIGEST.over == "2 over before they were sent: 2 x support-line unusual"


@pytest.mark.parametrize("kind", [Kind.MISSED, Kind.FIRED])
def test_what_a_notice_of_a_digest_stands_for_is_counted_too(kind: Kind) -> None:
    told = notice(kind)
    count = 4 + (kind is Kind.MISSED)
    said = f"{count} over before they were sent: {count} x support-line near-limit"
    assert Digest((told,), {told.id: 4}).over == said


def test_a_digest_of_the_same_notices_has_the_same_id_in_any_order() -> None:
    assert Digest(DIGEST.notices[::-1]).id == DIGEST.id
    assert Digest(DIGEST.notices[1:]).id != DIGEST.id


@given(st.lists(notices(), min_size=1, max_size=60))
def test_whatever_the_notices_the_message_is_short_and_its_first_line_ascii(
    told: list[Notice],
) -> None:
    digest = Digest((*told, LONGEST))
    assert re.fullmatch(rf"[ -~]{{1,{LENGTH}}}", digest.summary)
    payload = digest_payload(digest)
    blocks = [*payload["blocks"], *payload["attachments"][0]["blocks"]]
    sections = [block["text"]["text"] for block in blocks]
    assert len(sections[0]) <= 150, "Slack's own limit for a header"
    assert all(0 < len(each) <= 2700 for each in sections)
    assert sum(map(len, sections)) < 6000
